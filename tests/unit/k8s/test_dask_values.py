"""The gateway's release: keys the chart knows, pods where they belong, and the settings our code in the gateway reads."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from modules.common.scheduling import POOL_LABEL
from modules.config.load import load_env
from modules.config.models import HubConfig
from modules.hub.gateway.handler import cluster_config
from modules.hub.gateway.settings import Settings
from modules.k8s.dask import refs
from modules.k8s.dask.code import snippet
from modules.k8s.dask.refs import DaskRefs
from modules.k8s.dask.settings import settings
from modules.k8s.dask.values import gateway_values, notebook_environment
from modules.k8s.jupyterhub.refs import HubRefs
from modules.k8s.jupyterhub.singleuser import singleuser
from modules.rehearsal.verdicts.given import Chart
from modules.rehearsal.verdicts.judge import Judge
from modules.rehearsal.verdicts.pod_security import ENFORCE
from modules.rehearsal.verdicts.schemas import Schemas, known_schemas
from modules.rehearsal.verdicts.tally import Tally
from tests._support import config_cases
from tests.unit.cluster.support import needs_schemas

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "dask"
ENVS = ("demo", "helio")
AT = DaskRefs("${local.secret-revision}", {"SCRATCH_BUCKET": "s3://scratch"})


def env(name: str) -> HubConfig:
    return load_env(ROOT, name)


def settings_of(config: HubConfig) -> dict[str, Any]:
    assert config.dask is not None
    return settings(config, config.dask, AT)


def case(tmp_path: Path, dask: dict[str, Any], **patch: Any) -> HubConfig:
    """The tests' own full env, with these settings of Dask."""
    return config_cases.load(tmp_path, config_cases.text({"base": "full", "patch": {"dask": dask, **patch}}))


@pytest.mark.parametrize("name", ENVS)
def test_the_values_are_the_golden_ones(name: str) -> None:
    values = gateway_values(env(name), AT)
    # The package is in the repository; what it is given stands here.
    values["gateway"]["extraConfig"] = settings_of(env(name))
    text = json.dumps(values, indent=1, sort_keys=True) + "\n"
    file = GOLDEN / f"{name}.json"
    if os.environ.get("HUB_UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    assert text == file.read_text(), "read the difference, then HUB_UPDATE_GOLDEN=1"


@needs_schemas
@pytest.mark.parametrize("name", ENVS)
def test_the_chart_knows_every_key(name: str) -> None:
    chart = Chart("dask-gateway", "2026.3.0", "", gateway_values(env(name), AT))
    tally = Tally()
    assert Judge(known_schemas()).values(chart, tally) == []
    chart.values["gateway"]["extraConfigs"] = {}
    assert "extraConfigs" in Judge(known_schemas()).values(chart, tally)[0].summary


@pytest.mark.parametrize("name", ENVS)
def test_the_snippet_is_python_that_terraform_leaves_alone(name: str) -> None:
    text = snippet(settings_of(env(name)))
    compile(text, "snippet", "exec")
    # Terraform would take the one for its own, and helm's limit of a release's record is a megabyte.
    assert "${" not in text
    assert len(text) < 100_000


def test_the_snippet_brings_the_whole_package_and_calls_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("sys.path", [*sys.path])
    head, _, call = snippet(settings_of(env("demo"))).partition(f"from {refs.PACKAGE}.configure import configure\n")
    exec(compile(head, "snippet", "exec"), {})  # noqa: S102  # as the gateway does
    (folder,) = tmp_path.glob(f"*/{refs.PACKAGE}")
    here = ROOT / "modules" / "hub" / "gateway"
    assert {path.name: path.read_text() for path in folder.iterdir()} == {path.name: path.read_text() for path in here.glob("*.py")}
    said: list[Any] = []
    exec(compile("import json\n" + call, "snippet", "exec"), {"configure": lambda c, given: said.append((c, given)), "c": "c"})  # noqa: S102
    assert said == [("c", settings_of(env("demo")))]


@pytest.mark.parametrize("name", ENVS)
def test_the_gateway_reads_what_is_written(name: str) -> None:
    read = Settings.read(json.loads(json.dumps(settings_of(env(name)))))
    assert read.worker_cores == (1, 4)
    assert read.worker_memory == (2**30, 8 * 2**30)
    assert (read.max_cores, read.max_memory, read.max_clusters, read.idle_timeout) == (64, 256 * 2**30, 4, 1800)
    assert read.environment == {"SCRATCH_BUCKET": "s3://scratch"}
    assert list(read.kinds) == (["cpu", "gpu"] if env(name).dask.gpu_pool else ["cpu"])  # type: ignore[union-attr]


def test_workers_go_to_their_pools_and_schedulers_to_none_that_is_taken_away(tmp_path: Path) -> None:
    config = env("helio")
    kinds = settings_of(config)["kinds"]
    assert kinds["cpu"]["pod"]["nodeSelector"] == {POOL_LABEL: "burst-spot"}
    assert kinds["cpu"]["pod"]["tolerations"] == [
        {"key": "k8s.dask.org/dedicated", "operator": "Equal", "value": "worker", "effect": "NoSchedule"}
    ]
    assert "resources" not in kinds["cpu"]["container"]
    assert kinds["gpu"]["pod"]["nodeSelector"] == {POOL_LABEL: "burst-gpu"}
    assert {"key": "nvidia.com/gpu", "operator": "Equal", "value": "present", "effect": "NoSchedule"} in kinds["gpu"]["pod"]["tolerations"]
    card = {"nvidia.com/gpu": "1"}
    assert kinds["gpu"]["container"]["resources"] == {"requests": card, "limits": card}
    own = gateway_values(config, AT)["gateway"]["backend"]["scheduler"]["extraPodConfig"]
    assert own["nodeSelector"] == {POOL_LABEL: "user-compute"}
    core = gateway_values(case(tmp_path, {"scheduler_pool": None}), AT)
    placed = [core["gateway"]["backend"]["scheduler"]["extraPodConfig"], core["gateway"], core["controller"], core["traefik"]]
    assert {each["nodeSelector"]["hub.jupyter.org/node-purpose"] for each in placed} == {"core"}


@pytest.mark.parametrize("part", ["scheduler", "cpu", "gpu"])
def test_users_pods_would_pass_the_strictest_level(part: str) -> None:
    """The namespace is `baseline` for the chart's own pods; these keep to `restricted` all the same."""
    config = env("helio")
    scheduler = gateway_values(config, AT)["gateway"]["backend"]["scheduler"]
    kinds = settings_of(config)["kinds"]
    pod, container = (
        (scheduler["extraPodConfig"], scheduler["extraContainerConfig"])
        if part == "scheduler"
        else (kinds[part]["pod"], kinds[part]["container"])
    )
    manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "dask"},
        "spec": {"containers": [{"name": "dask", "image": "quay.io/a/b:1", **container}], **pod},
    }
    judge, labels = Judge(Schemas(())), {"dask": {ENFORCE: "restricted"}}
    assert [each.summary for each in judge.manifest(manifest, Tally(), namespaces=labels)] == []
    assert pod["serviceAccountName"] == "dask-worker"
    del manifest["spec"]["containers"][0]["securityContext"]  # type: ignore[index]
    assert judge.manifest(manifest, Tally(), namespaces=labels)


def test_a_cluster_of_the_default_choices_fits_what_the_env_allows() -> None:
    read = Settings.read(settings_of(env("helio")))
    asked = {"image": read.image, "worker_cores": 4, "worker_memory": 8.0, "environment": {}}
    assert cluster_config(read, asked, "ada")["cluster_max_workers"] == 16


@pytest.mark.parametrize(("namespace", "host"), [("dask", "traefik-dask-gateway.dask"), ("lab2", "traefik-dask-gateway-lab2.lab2")])
def test_names_follow_the_namespace(tmp_path: Path, namespace: str, host: str) -> None:
    config = case(tmp_path, {"namespace": namespace})
    assert gateway_values(config, AT)["fullnameOverride"] == host.partition(".")[0].removeprefix("traefik-")
    assert notebook_environment(namespace)["DASK_GATEWAY__PROXY_ADDRESS"] == f"gateway://{host}:80"


def test_the_longest_namespace_still_makes_names_that_kubernetes_takes() -> None:
    assert all(len(f"{part}-{refs.full_name('n' * 63)}") <= 63 for part in ("traefik", "controller", "api"))
    assert refs.full_name("n" * 63) != refs.full_name("n" * 62)


def test_notebooks_are_told_and_the_operator_has_the_last_word(tmp_path: Path) -> None:
    at = HubRefs((), "r", "d")
    told = singleuser(env("demo"), at)["extraEnv"]
    assert {name: told[name] for name in notebook_environment("dask")} == {
        "DASK_GATEWAY__ADDRESS": "http://proxy-public/services/dask-gateway",
        "DASK_GATEWAY__PROXY_ADDRESS": "gateway://traefik-dask-gateway.dask:80",
        "DASK_GATEWAY__PUBLIC_ADDRESS": "/services/dask-gateway/",
        "DASK_GATEWAY__AUTH__TYPE": "jupyterhub",
        # What KubeSpawner makes of it, by str.format, is for Dask.
        "DASK_GATEWAY__CLUSTER__OPTIONS__IMAGE": "{{JUPYTER_IMAGE_SPEC}}",
    }
    assert told["DASK_GATEWAY__CLUSTER__OPTIONS__IMAGE"].format() == "{JUPYTER_IMAGE_SPEC}"
    own = {"singleuser": {"environment": {"DASK_GATEWAY__AUTH__TYPE": "basic"}}}
    assert singleuser(case(tmp_path, {}, hub=own), at)["extraEnv"]["DASK_GATEWAY__AUTH__TYPE"] == "basic"
    assert not [name for name in singleuser(env("dandi"), at)["extraEnv"] if name.startswith("DASK")]

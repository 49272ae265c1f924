"""Every manifest of the launcher's stacks, judged and made in an in-memory cluster; and a stack with one thing spoilt, refused."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from modules.catalog.eks import VERSIONS
from modules.rehearsal.cluster.references import missing_for
from modules.rehearsal.cluster.world import key_of
from modules.rehearsal.standin.backend import Refused
from modules.rehearsal.verdicts.objects import check_object
from tests._support import synthesised
from tests._support.evidence import Evidence
from tests.synth.conftest import Documents
from tests.synth.test_launcher import ENVS

KINDS = {
    "ClusterRole", "ClusterRoleBinding", "ConfigMap", "Deployment", "LimitRange", "Namespace", "NetworkPolicy", "ResourceQuota", "Role",
    "RoleBinding", "Service", "ServiceAccount",
}  # fmt: skip


@pytest.fixture(params=ENVS)
def launcher(request: pytest.FixtureRequest, stacks: Documents) -> dict[str, Any]:
    """The launcher's stack of an env."""
    return stacks[f"{request.param}-launcher"]


@pytest.mark.parametrize("minor", [VERSIONS[0].version, VERSIONS[-1].version])
def test_every_manifest_keeps_to_kubernetes_own_schema(launcher: dict[str, Any], minor: str) -> None:
    made = synthesised.manifests(launcher)
    assert {each["kind"] for each in made.values()} >= KINDS
    assert {address: found for address, each in made.items() if (found := check_object(each, minor))} == {}


def test_every_manifest_is_taken_and_names_only_what_is_there(launcher: dict[str, Any], evidence: Evidence) -> None:
    world = synthesised.applied(launcher)
    made = synthesised.manifests(launcher)
    assert {key_of(each) for each in made.values()} <= world.objects.keys()
    assert {address: found for address, each in made.items() if (found := missing_for(world, each))} == {}
    evidence.record("the launcher's manifests keep to Kubernetes' schemas and to our laws", "exercised", "a cluster in memory")


def pod(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["resource"]["kubernetes_deployment_v1"]["server"]["spec"]["template"]["spec"]
    return found


def as_root(document: dict[str, Any]) -> None:
    pod(document)["security_context"]["run_as_non_root"] = False


def with_all_capabilities(document: dict[str, Any]) -> None:
    del pod(document)["container"][0]["security_context"]["capabilities"]


def floating_image(document: dict[str, Any]) -> None:
    pod(document)["container"][0]["image"] = "registry.demo.test/launcher"


def lost_settings(document: dict[str, Any]) -> None:
    pod(document)["volume"][0]["config_map"]["name"] = "other"


def lost_account(document: dict[str, Any]) -> None:
    pod(document)["service_account_name"] = "other"


def wide_role(document: dict[str, Any]) -> None:
    document["resource"]["kubernetes_role_v1"]["role-processes"]["rule"][0]["resources"] = ["*"]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (as_root, "enforces restricted; its"),
        (with_all_capabilities, "enforces restricted; its"),
        (floating_image, "has no fixed tag"),
        (lost_settings, 'ConfigMap "other" not found'),
        (lost_account, 'ServiceAccount "other" not found'),
        (wide_role, "* gives more than anybody can name"),
    ],
)
def test_a_spoilt_stack_is_refused(stacks: Documents, spoil: Callable[[dict[str, Any]], None], says: str) -> None:
    spoilt = copy.deepcopy(stacks["demo-launcher"])
    spoil(spoilt)
    with pytest.raises(Refused) as refused:
        synthesised.applied(spoilt)
    assert any(says in f"{each.summary} {each.detail}" for each in refused.value.problems), refused.value.problems

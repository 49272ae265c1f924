"""Every manifest of the desktop stacks, judged and made in an in-memory cluster straight from the synthesised Terraform; and the
same stacks with one thing spoilt, each refused."""

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
from tests.policy.conftest import ENVS
from tests.synth.conftest import Documents

KINDS = {
    "ConfigMap", "DaemonSet", "Deployment", "Namespace", "NetworkPolicy", "Role", "RoleBinding", "Service", "ServiceAccount",
}  # fmt: skip
LEVEL = "pod-security.kubernetes.io/enforce"


@pytest.fixture(params=ENVS)
def desktop(request: pytest.FixtureRequest, stacks: Documents) -> dict[str, Any]:
    """The desktop stack of an env."""
    return stacks[f"{request.param}-desktop"]


def only(document: dict[str, Any], kind: str) -> dict[str, Any]:
    [made] = document["resource"][f"kubernetes_{kind}_v1"].values()
    return dict(made)


def pod_of(document: dict[str, Any]) -> dict[str, Any]:
    pod: dict[str, Any] = only(document, "daemon_set")["spec"]["template"]["spec"]
    return pod


@pytest.mark.parametrize("minor", [VERSIONS[0].version, VERSIONS[-1].version])
def test_every_manifest_keeps_to_kubernetes_own_schema(desktop: dict[str, Any], minor: str) -> None:
    """For the oldest and the newest version an env may ask for; a version of an API that is gone is a mistake too."""
    made = synthesised.manifests(desktop)
    assert {each["kind"] for each in made.values()} >= KINDS
    assert {address: found for address, each in made.items() if (found := check_object(each, minor))} == {}


def test_every_manifest_is_taken_and_names_only_what_is_there(desktop: dict[str, Any], evidence: Evidence) -> None:
    """Also by the pods of workloads that Terraform does not wait for, which would otherwise hang unseen."""
    world = synthesised.applied(desktop)
    made = synthesised.manifests(desktop)
    assert {key_of(each) for each in made.values()} <= world.objects.keys()
    assert world.tally.manifests == len(made)
    assert {address: found for address, each in made.items() if (found := missing_for(world, each))} == {}
    evidence.record("A desktop's manifests keep to Kubernetes' schemas and to our laws", "exercised", "a cluster in memory")


def test_privileges_are_asked_for_by_desktops_alone(stacks: Documents) -> None:
    levels = {
        (name, each["metadata"]["name"]): each["metadata"]["labels"][LEVEL]
        for name, document in stacks.items()
        for each in synthesised.manifests(document).values()
        if each["kind"] == "Namespace"
    }
    assert len(levels) > len(ENVS)
    privileged = sorted({name for (name, _), level in levels.items() if level == "privileged"})
    assert privileged == sorted(f"{env}-desktop" for env in ENVS)


def restrict(document: dict[str, Any]) -> None:
    """Its pods alone: the rule for the metadata address would be refused before them."""
    del document["resource"]["kubernetes_network_policy_v1"]["policy-desktop"]["spec"]["egress"]
    only(document, "namespace")["metadata"]["labels"][LEVEL] = "restricted"


def rename_account(document: dict[str, Any]) -> None:
    only(document, "service_account")["metadata"]["name"] = "other"
    binding = only(document, "role_binding")
    binding["subject"][0]["name"] = "dcv-agent-src-account"


def widen_role(document: dict[str, Any]) -> None:
    only(document, "role")["rule"][0]["resources"] = ["*"]


def create_by_name(document: dict[str, Any]) -> None:
    only(document, "role")["rule"][0]["verbs"] = ["create"]


def bind_nothing(document: dict[str, Any]) -> None:
    only(document, "role_binding")["role_ref"]["name"] = "dcv-agent-rol"


def another_selector(document: dict[str, Any]) -> None:
    only(document, "daemon_set")["spec"]["selector"]["match_labels"] = {"app.kubernetes.io/name": "dcv"}


def low_port(document: dict[str, Any]) -> None:
    only(document, "service")["spec"]["port"][0]["node_port"] = 8443


def floating_image(document: dict[str, Any]) -> None:
    pod_of(document)["container"][0]["image"] = "registry.demo.test/dcv"


def lost_volume(document: dict[str, Any]) -> None:
    pod_of(document)["volume"] = []


def two_handlers(document: dict[str, Any]) -> None:
    pod_of(document)["container"][0]["readiness_probe"]["tcp_socket"] = {"port": "8443"}


def open_metadata(document: dict[str, Any]) -> None:
    policies = document["resource"]["kubernetes_network_policy_v1"].values()
    for policy in policies:
        policy["spec"]["pod_selector"] = {}


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (restrict, "enforces restricted; its"),
        (rename_account, 'ServiceAccount "dcv-agent-src-account" not found'),
        (widen_role, "* gives more than anybody can name"),
        (create_by_name, "create never fits a rule with resourceNames"),
        (bind_nothing, 'Role "dcv-agent-rol" not found'),
        (another_selector, "the pods' label is 'dcv-agent', not 'dcv'"),
        (low_port, "8443 is not in 30000-32767"),
        (floating_image, "has no fixed tag"),
        (lost_volume, "no volume is called"),
        (two_handlers, "has 2 handlers"),
        (open_metadata, "which hands out the node's credentials"),
    ],
)
def test_a_spoilt_stack_is_refused(stacks: Documents, spoil: Callable[[dict[str, Any]], None], says: str) -> None:
    spoilt = copy.deepcopy(stacks["demo-desktop"])
    spoil(spoilt)
    with pytest.raises(Refused) as refused:
        synthesised.applied(spoilt)
    assert any(says in f"{each.summary} {each.detail}" for each in refused.value.problems), refused.value.problems

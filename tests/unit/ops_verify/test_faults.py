"""Every check of account and cluster turns red for its own fault, and for no other; a rehearsal's silence is neither red nor green."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import boto3
import pytest

from modules.config.models import HubConfig
from modules.ops.layout import Layout, write_private
from modules.ops.verify.check import Result
from modules.ops.verify.checks import CHECKS
from modules.ops.verify.run import run_checks
from modules.ops.verify.scene import Scene
from tests._support.evidence import Evidence
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_verify.aws import Service, write_state
from tests.unit.ops_verify.cluster import HUB, SYSTEM, Cluster, claim, event, is_true, pod
from tests.unit.ops_verify.conftest import Stage

INSIDE = tuple(check for check in CHECKS if check.name not in {"dns", "certificate", "proxy", "hub", "login", "gateway", "desktops"})
CONTROLLED = {"nodes", "controllers", "autoscaler", "pools", "volumes", "hub pods"}


@dataclass
class World:
    """What a row may spoil."""

    cluster: Cluster
    service: Service
    session: boto3.Session
    config: HubConfig
    scene: Scene


@pytest.fixture
def world(stage: Stage, cluster: Cluster, service: Service, session: boto3.Session, config: HubConfig) -> World:
    """All is well."""
    cluster.fill(config)
    return World(cluster, service, session, config, stage(config))


def look(scene: Scene) -> dict[str, Result]:
    """Every check of account and cluster."""
    wanted = [check for check in INSIDE if check.wanted(scene.config)]
    return {result.name: result for result in run_checks(scene, wanted, pause=0.0)}


def _half_made(world: World) -> None:
    write_state(world.session, world.config, "network", status="tainted")


def _unread(world: World) -> None:
    write_private(Layout(world.scene.root, "lab").unsettled("lab-platform"), "")


def _pending(world: World, reason: str, message: str, *, used: bool) -> None:
    world.cluster.put(claim("claim-ada"), {"phase": "Pending"})
    world.cluster.put(event("claim-ada", reason, message))
    if used:
        world.cluster.put(pod("jupyter-ada", {"app": "jupyterhub"}, "claim-ada"))


FAULTS: dict[str, tuple[str, str, Callable[[World], None]]] = {
    "a stack is not applied": ("stacks", "not applied: hub", lambda w: write_state(w.session, w.config, "hub", empty=True)),
    "a resource is half made": ("stacks", "network aws_vpc.main", _half_made),
    "an apply was not read back": ("stacks", "platform ended before", _unread),
    "the cluster is updating": ("cluster", "is UPDATING", lambda w: w.service.cluster.update(status="UPDATING")),
    "EKS knows an issue": (
        "cluster",
        "a subnet is full",
        lambda w: w.service.cluster.update(health={"issues": [{"code": "Other", "message": "a subnet is full"}]}),
    ),
    "too few core nodes": ("nodes", "1 of at least 2 core nodes", lambda w: w.cluster.drop("Node", "core-2")),
    "a core node is not Ready": (
        "nodes",
        "1 of at least 2",
        lambda w: w.cluster.tell("Node", "core-1", is_true("Ready", "False", reason="KubeletNotReady")),
    ),
    "another node is not Ready": (
        "nodes",
        "user-1 (NodeStatusUnknown)",
        lambda w: w.cluster.put(
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "user-1"}}, is_true("Ready", "Unknown", reason="NodeStatusUnknown")
        ),
    ),
    "a node group degrades": ("node groups", "lab-core is DEGRADED", lambda w: w.service.groups["lab-core"].update(status="DEGRADED")),
    "a node group is gone": ("node groups", "0 of 1 node groups", lambda w: w.service.groups.clear()),
    "an add-on degrades": (
        "add-ons",
        "coredns is DEGRADED (no room)",
        lambda w: w.service.addons["coredns"].update(status="DEGRADED", health={"issues": [{"message": "no room"}]}),  # type: ignore[dict-item]
    ),
    "an add-on is missing": ("add-ons", "not installed: aws-efs-csi-driver", lambda w: w.service.addons.pop("aws-efs-csi-driver")),
    "CoreDNS is down": (
        "controllers",
        "not Available: coredns (MinimumReplicasUnavailable)",
        lambda w: w.cluster.tell("Deployment", "coredns", is_true("Available", "False", reason="MinimumReplicasUnavailable"), SYSTEM),
    ),
    "the load balancer controller is gone": (
        "controllers",
        "aws-load-balancer-controller has no Deployment",
        lambda w: w.cluster.drop("Deployment", "aws-load-balancer-controller", SYSTEM),
    ),
    "external-dns says nothing": (
        "controllers",
        "no word yet of: external-dns",
        lambda w: w.cluster.tell("Deployment", "external-dns", {"conditions": []}, SYSTEM),
    ),
    "Karpenter is down": (
        "autoscaler",
        "not Available: karpenter",
        lambda w: w.cluster.tell("Deployment", "karpenter", is_true("Available", "False"), SYSTEM),
    ),
    "a pool is not Ready": (
        "pools",
        "NodeClassNotReady",
        lambda w: w.cluster.tell("NodePool", "default", is_true("Ready", "False", reason="NodeClassNotReady")),
    ),
    "a pool is missing": ("pools", "no NodePool default", lambda w: w.cluster.drop("NodePool", "default")),
    "a claim is not bound": (
        "volumes",
        "claim-ada is Pending (ProvisioningFailed: no such zone)",
        lambda w: _pending(w, "ProvisioningFailed", "no such zone", used=False),
    ),
    "a claim that a pod waits for": (
        "volumes",
        "claim-ada is Pending",
        lambda w: _pending(w, "WaitForFirstConsumer", "waiting", used=True),
    ),
    "a claim lost its volume": (
        "volumes",
        "hub-db-dir is Lost",
        lambda w: w.cluster.tell("PersistentVolumeClaim", "hub-db-dir", {"phase": "Lost"}, HUB),
    ),
    "the hub crashes": (
        "hub pods",
        "hub is not Ready (CrashLoopBackOff: back-off)",
        lambda w: w.cluster.tell(
            "Pod",
            "hub",
            {
                **is_true("Ready", "False"),
                "containerStatuses": [{"state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}}],
            },
            HUB,
        ),
    ),
    "the proxy has no node": (
        "hub pods",
        "proxy is not Ready (0/2 nodes are available)",
        lambda w: w.cluster.tell(
            "Pod", "proxy", {"phase": "Pending", **is_true("PodScheduled", "False", message="0/2 nodes are available")}, HUB
        ),
    ),
    "the hub is gone": ("hub pods", "the hub has no pod", lambda w: w.cluster.drop("Pod", "hub", HUB)),
}


def test_all_is_well(world: World) -> None:
    found = look(world.scene)
    assert {result.state for result in found.values()} == {"ok"}, [result.said for result in found.values() if result.state != "ok"]


@pytest.mark.parametrize("row", FAULTS)
def test_each_fault_is_its_own_checks(world: World, row: str, evidence: Evidence) -> None:
    name, words, spoil = FAULTS[row]
    spoil(world)
    found = look(world.scene)
    assert [result.name for result in found.values() if result.state == "failed"] == [name]
    assert words in found[name].said
    assert found[name].fix
    evidence.record(
        f"./hub verify: {name}", "faulted", "its fault put into the stand-in cluster's API or into a stand-in for AWS; no real cluster"
    )


def test_a_claim_that_waits_for_its_first_server_is_well(world: World) -> None:
    _pending(world, "WaitForFirstConsumer", "waiting", used=False)
    assert look(world.scene)["volumes"].said == "1 bound, 1 waiting for a first server"


def test_a_rehearsals_silence_is_neither_red_nor_green(stage: Stage, cluster: Cluster, config: HubConfig) -> None:
    cluster.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HUB}})
    found = look(stage(config, rehearsal=True))
    assert {name: result.state for name, result in found.items() if result.state != "ok"} == dict.fromkeys(CONTROLLED, "skipped")
    assert all("cannot be seen in a rehearsal" in found[name].said for name in CONTROLLED)


def test_what_a_rehearsal_makes_up_is_not_believed(stage: Stage, cluster: Cluster, config: HubConfig) -> None:
    # A Deployment of Terraform's counts as rolled out there, by replicas alone: no controller has said so.
    cluster.fill(config)
    cluster.tell("Deployment", "karpenter", {"conditions": [], "readyReplicas": 1, "availableReplicas": 1}, SYSTEM)
    assert look(stage(config, rehearsal=True))["autoscaler"].state == "skipped"


def test_a_fault_put_into_a_rehearsal_is_red(stage: Stage, cluster: Cluster, config: HubConfig) -> None:
    cluster.fill(config)
    cluster.tell("Deployment", "karpenter", is_true("Available", "False"), SYSTEM)
    found = look(stage(config, rehearsal=True))
    assert [name for name, result in found.items() if result.state == "failed"] == ["autoscaler"]


@pytest.mark.parametrize("status", [401, 403, 500])
def test_an_api_that_refuses_is_one_fault_and_hides_the_rest(world: World, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from modules.common.errors import HubError

    def refuse(*_: object, **__: object) -> None:
        raise HubError(f"answered {status}", fix="let me in")

    monkeypatch.setattr(world.cluster.api, "read", refuse)
    found = look(world.scene)
    assert [result.name for result in found.values() if result.state == "failed"] == ["cluster"]
    assert found["pools"].said == "not looked at: cluster failed"


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, {"node groups", "add-ons", "pools", "autoscaler", "controllers"}),
        (
            {
                "cluster": {
                    "existing": {
                        "name": "theirs",
                        "oidc_provider_arn": "arn:aws:iam::123456789012:oidc-provider/x/y",
                        "oidc_issuer": "x.example/y",
                        "security_group_id": "sg-0123",
                        "node_role_arn": "arn:aws:iam::123456789012:role/nodes",
                    }
                }
            },
            set(),
        ),
        ({"cluster": {"autoscaler": "cluster-autoscaler"}, "pools": {}}, {"node groups", "add-ons", "autoscaler", "controllers"}),
    ],
)
def test_only_what_concerns_the_env_is_asked(changes: dict[str, object], names: set[str]) -> None:
    config = make_config(**changes)
    asked = {check.name for check in CHECKS if check.wanted(config)}
    assert asked & {"node groups", "add-ons", "pools", "autoscaler", "controllers"} == names

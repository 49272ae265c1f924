"""What is said of a process, from what Kubernetes says of its objects."""

from __future__ import annotations

from typing import Any

import pytest

from modules.launcher.models import SocketAddress, Status
from modules.launcher.runtime import listing, states
from modules.launcher.runtime.addresses import Nodes
from modules.launcher.runtime.listing import Parts

LABELS = {"hydroplane/process-id": "web"}
NODE = {"type": "InternalIP", "address": "10.0.0.1"}


def pod(phase: str = "Running", *, at: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A pod whose one container is in state `at`; running and ready unless told otherwise."""
    container = {"name": "web", "ready": at is None, "restartCount": 0, "state": at or {"running": {}}, **more.pop("container", {})}
    status = {"phase": phase, "hostIP": "10.0.0.1", "containerStatuses": [container], **more}
    return {
        "metadata": {"name": "web-1", "labels": LABELS, "creationTimestamp": "2026-11-21T20:00:00Z"},
        "spec": {"nodeName": "n"},
        "status": status,
    }


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"waiting": {"reason": reason, "message": message} if message else {"reason": reason}}


def deployment(**status: Any) -> dict[str, Any]:
    template = {"spec": {"containers": [{"name": "web", "ports": [{"containerPort": 80}]}]}}
    return {"metadata": {"name": "web", "namespace": "ns", "labels": LABELS}, "spec": {"template": template}, "status": status}


def service(kind: str = "NodePort") -> dict[str, Any]:
    spec = {"type": kind, "clusterIP": "172.20.0.9", "ports": [{"port": 80, "nodePort": 31491}]}
    return {"metadata": {"name": "web", "namespace": "ns", "labels": LABELS}, "spec": spec}


def node(*addresses: dict[str, str]) -> dict[str, Any]:
    return {"metadata": {"name": "n"}, "status": {"addresses": list(addresses)}}


_STOPPED = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
_UNPLACED = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available"}


@pytest.mark.parametrize(
    ("found", "status", "reason"),
    [
        (pod(), Status.RUNNING, None),
        (pod(container={"restartCount": 2}), Status.RUNNING, "restarted 2 times"),
        (
            pod(container={"restartCount": 1, "lastState": _STOPPED}),
            Status.RUNNING,
            "restarted 1 time; before that, the program ended with exit code 137 (OOMKilled)",
        ),
        (pod(container={"ready": False}), Status.STARTING, "the container is not ready yet"),
        (pod("Pending", at=waiting("ContainerCreating")), Status.STARTING, "ContainerCreating"),
        (pod("Pending", at=waiting("ImagePullBackOff", "no such image")), Status.FAILED, "ImagePullBackOff: no such image"),
        (
            pod("Pending", at=waiting("CreateContainerConfigError", 'secret "x" not found')),
            Status.FAILED,
            'CreateContainerConfigError: secret "x" not found',
        ),
        (
            pod(at=waiting("CrashLoopBackOff"), container={"restartCount": 3, "lastState": _STOPPED}),
            Status.FAILED,
            "CrashLoopBackOff; before that, the program ended with exit code 137 (OOMKilled); restarted 3 times",
        ),
        (pod(at=_STOPPED), Status.FAILED, "the program ended with exit code 137 (OOMKilled)"),
        (pod(at={"terminated": {"exitCode": 0, "reason": "Completed"}}), Status.FAILED, "the program ended with exit code 0"),
        (pod("Failed", reason="Evicted", message="low on memory"), Status.FAILED, "Evicted: low on memory"),
        (pod("Pending", containerStatuses=None, conditions=[_UNPLACED]), Status.STARTING, "Unschedulable: 0/3 nodes are available"),
        (pod("Pending", containerStatuses=[]), Status.STARTING, "the node has not started the container yet"),
        (None, Status.STARTING, "no pod has been made yet"),
    ],
)
def test_state_of_a_pod(found: dict[str, Any] | None, status: Status, reason: str | None) -> None:
    assert states.state(deployment(), found) == (status, reason)


def test_a_pod_that_may_not_be_made() -> None:
    condition = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota"}
    assert states.state(deployment(conditions=[condition]), None) == (Status.FAILED, "FailedCreate: exceeded quota")


def test_a_deployment_on_its_way_out() -> None:
    going = deployment()
    going["metadata"]["deletionTimestamp"] = "2026-11-21T20:00:00Z"
    assert states.state(going, pod()).status is Status.STOPPING


def test_the_pod_that_counts_is_the_newest_that_lives() -> None:
    old, evicted, going = pod(), pod("Failed"), pod()
    evicted["metadata"] = {**evicted["metadata"], "creationTimestamp": "2026-11-21T21:00:00Z"}
    going["metadata"] = {**going["metadata"], "creationTimestamp": "2026-11-21T22:00:00Z", "deletionTimestamp": "2026-11-21T22:00:01Z"}
    assert states.newest([evicted, going, old]) is old
    assert states.newest([going]) is None


def test_another_container_of_the_pod_is_not_the_process() -> None:
    found = pod()
    found["status"]["containerStatuses"].insert(0, {"name": "mesh", "ready": False, "state": waiting("CrashLoopBackOff")})
    assert states.state(deployment(), found).status is Status.RUNNING


@pytest.mark.parametrize(
    ("parts", "nodes", "status", "reason", "reached"),
    [
        (
            Parts(deployment(), service(), [pod()]),
            [node(NODE, {"type": "ExternalIP", "address": "198.51.100.1"})],
            Status.RUNNING,
            None,
            [("198.51.100.1", 31491, True)],
        ),
        (Parts(deployment(), service("ClusterIP"), [pod()]), [], Status.RUNNING, None, [("172.20.0.9", 80, False)]),
        # The seed raised in each of these, and with it lost the whole list.
        (Parts(deployment(), service(), [pod()]), [node(NODE)], Status.UNREACHABLE, "the node n has no external address", []),
        (Parts(deployment(), service(), [pod()]), [], Status.UNREACHABLE, "the node n has no external address", []),
        (Parts(deployment(), service(), [pod()]), [{"metadata": {}}], Status.UNREACHABLE, "the node n has no external address", []),
        (Parts(deployment(), service(), [pod()]), None, Status.UNREACHABLE, "the nodes cannot be listed, so its address is not known", []),
        (Parts(deployment(), service(), []), [], Status.STARTING, "no pod has been made yet", []),
        (Parts(deployment(), None, [pod()]), [], Status.UNREACHABLE, "its Service is gone; start the process again", []),
        (Parts(None, service(), []), [], Status.FAILED, "its Deployment is gone; stopping the process removes the rest", []),
        (
            Parts(deployment(), service(), [pod(container={"state": "odd"})]),
            [],
            Status.FAILED,
            "what Kubernetes says of it cannot be read",
            [],
        ),
        (Parts(deployment(), {**service(), "spec": {}}, [pod()]), [], Status.FAILED, "what Kubernetes says of it cannot be read", []),
    ],
)
def test_a_process(parts: Parts, nodes: list[dict[str, Any]] | None, status: Status, reason: str | None, reached: list[Any]) -> None:
    found = listing.describe("web", parts, None if nodes is None else Nodes(nodes))
    assert (found.status, found.reason) == (status, reason)
    assert found.socket_addresses == [SocketAddress(host=host, port=port, is_public=public) for host, port, public in reached]


def test_a_node_is_found_by_its_address_too() -> None:
    unnamed = pod()
    unnamed["spec"] = {}
    assert Nodes([node(NODE, {"type": "ExternalIP", "address": "198.51.100.1"})]).external(unnamed) == "198.51.100.1"


def test_one_name_in_two_namespaces_is_two_processes_and_a_pod_alone_is_none() -> None:
    other = deployment()
    other["metadata"] = {**other["metadata"], "namespace": "other"}
    found = listing.assemble([deployment(), other], [], [{"metadata": {"namespace": "ns", "labels": {"hydroplane/process-id": "gone"}}}])
    assert sorted(found) == [("ns", "web"), ("other", "web")]

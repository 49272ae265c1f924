"""What the cluster's own API says: its nodes by pool, and how many people's servers run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Protocol

from modules.ops.upgrade.gather_cluster import GROUP_LABEL, POOL_LABEL, SERVERS

_ENDED = ("Succeeded", "Failed")


class Api(Protocol):
    """What is needed of modules.ops.cluster_api.ClusterApi."""

    def items(self, path: str, what: str, **query: str) -> list[dict[str, Any]]: ...


def nodes(api: Api) -> list[dict[str, Any]]:
    """Name, pool ("" for one that no pool made), kubelet's version, instance type, capacity and readiness of every node."""
    return [_node(each) for each in api.items("/api/v1/nodes", "the nodes")]


def _node(document: dict[str, Any]) -> dict[str, Any]:
    meta, status = document["metadata"], document.get("status") or {}
    labels = meta.get("labels") or {}
    capacity = labels.get("karpenter.sh/capacity-type") or labels.get("eks.amazonaws.com/capacityType") or ""
    return {
        "name": meta["name"],
        "pool": labels.get(POOL_LABEL) or labels.get(GROUP_LABEL) or "",
        "version": (status.get("nodeInfo") or {}).get("kubeletVersion") or "",
        "type": labels.get("node.kubernetes.io/instance-type", ""),
        "capacity": capacity.lower().replace("_", "-"),
        "ready": is_ready(status),
    }


def is_ready(status: dict[str, Any]) -> bool:
    """Whether the condition Ready of a node or a pod is True."""
    return any(each.get("type") == "Ready" and each.get("status") == "True" for each in status.get("conditions") or ())


def users(api: Api) -> dict[str, int]:
    """How many single-user servers answer (online), and how many are on the way up (starting). No names: ./hub users has those."""
    label = ",".join(f"{key}={value}" for key, value in SERVERS.items())
    states = Counter(_state(each) for each in api.items("/api/v1/pods", "the users' servers", labelSelector=label))
    return {"online": states["online"], "starting": states["starting"]}


def _state(pod: dict[str, Any]) -> str:
    status = pod.get("status") or {}
    if status.get("phase") in _ENDED or pod["metadata"].get("deletionTimestamp"):
        return "ended"
    return "online" if is_ready(status) else "starting"


def by_pool(found: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Nodes, as `nodes` gives them, under the name of their pool."""
    pools: dict[str, list[dict[str, Any]]] = {}
    for each in found:
        pools.setdefault(each["pool"], []).append(each)
    return pools

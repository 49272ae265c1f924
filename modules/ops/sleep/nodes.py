"""Nodes, and Karpenter's share of them: pools that may start none, claims that are given up."""

from __future__ import annotations

from typing import Any

from modules.ops.sleep.workloads import Api

_POOLS, _CLAIMS = "/apis/karpenter.sh/v1/nodepools", "/apis/karpenter.sh/v1/nodeclaims"
_GROUP_LABEL = "eks.amazonaws.com/nodegroup"
_MERGE = "application/merge-patch+json"
#: A pool with this limit starts no node. https://karpenter.sh/docs/concepts/nodepools/#speclimits
SHUT = "0"


def pool_limits(api: Api) -> dict[str, str | None]:
    """NodePool → the CPUs it may have, None for no limit; {} where there is no Karpenter. Raises HubError when the cluster refuses."""
    found = api.items(_POOLS, "the NodePools")
    return {each["metadata"]["name"]: _cpu(each) for each in found}


def _cpu(pool: dict[str, Any]) -> str | None:
    limit = ((pool.get("spec") or {}).get("limits") or {}).get("cpu")
    return None if limit is None else str(limit)


def limit_pool(api: Api, pool: str, cpu: str | None) -> None:
    """Give a pool another limit; None takes it away. A pool that is gone is no error."""
    api.ask("PATCH", f"{_POOLS}/{pool}", f"limit the NodePool {pool}", body={"spec": {"limits": {"cpu": cpu}}}, kind=_MERGE)


def claims(api: Api) -> tuple[str, ...]:
    """Karpenter's nodes, and those it is about to start."""
    return tuple(each["metadata"]["name"] for each in api.items(_CLAIMS, "the NodeClaims"))


def give_up_claims(api: Api) -> tuple[str, ...]:
    """Ask Karpenter to drain and end every node of its own; those that are not gone yet."""
    found = api.items(_CLAIMS, "the NodeClaims")
    for each in found:
        meta = each["metadata"]
        if not meta.get("deletionTimestamp"):
            api.ask("DELETE", f"{_CLAIMS}/{meta['name']}", f"give up {meta['name']}")
    return tuple(each["metadata"]["name"] for each in found)


def group_nodes(api: Api, groups: frozenset[str]) -> tuple[str, ...]:
    """Nodes of the node groups named."""
    found = api.items("/api/v1/nodes", "the nodes")
    return tuple(each["metadata"]["name"] for each in found if (each["metadata"].get("labels") or {}).get(_GROUP_LABEL) in groups)

"""A cluster that EKS went on making after its run was killed, and its node groups: ours by tag, and in no state."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from modules.ops.aws_clients import Clients, pages
from modules.ops.failures.aws import missing_is_fine
from modules.ops.sweep.model import Sweepable
from modules.ops.sweep.scope import Scope


def clusters(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """The env's own cluster. AWS refuses while it has node groups, and while it is being made."""
    if scope.held is None or not scope.alive or not scope.cluster:
        return
    eks = clients.get("eks")
    with missing_is_fine():
        found = eks.describe_cluster(name=scope.cluster)["cluster"]
        if scope.owns(found.get("tags", {})):
            network = found.get("resourcesVpcConfig", {})
            holds = frozenset({*network.get("subnetIds", ()), *_groups(network), found.get("roleArn", "")} - {""})
            names = frozenset({found["arn"], f"cluster {scope.cluster}"})
            yield Sweepable("cluster", scope.cluster, partial(eks.delete_cluster, name=scope.cluster), names=names, holds=holds)


def _groups(network: dict[str, Any]) -> set[str]:
    return {*network.get("securityGroupIds", ()), network.get("clusterSecurityGroupId", "")}


def node_groups(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Managed node groups of that cluster."""
    if scope.held is None or not scope.alive or not scope.cluster:
        return
    eks = clients.get("eks")
    with missing_is_fine():
        for name in pages(eks, "list_nodegroups", "nodegroups", clusterName=scope.cluster):
            found = eks.describe_nodegroup(clusterName=scope.cluster, nodegroupName=name)["nodegroup"]
            if scope.owns(found.get("tags", {})):
                template = found.get("launchTemplate", {}).get("id", "")
                holds = frozenset({f"cluster {scope.cluster}", *found.get("subnets", ()), found.get("nodeRole", ""), template} - {""})
                remove = partial(eks.delete_nodegroup, clusterName=scope.cluster, nodegroupName=name)
                yield Sweepable("node group", f"{scope.cluster}:{name}", remove, names=frozenset({found["nodegroupArn"]}), holds=holds)

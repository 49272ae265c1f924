"""Adopting EKS: the cluster, its node groups, add-ons and access entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modules.ops.adopt.model import Body, Family, Finder, Tagged, UnknownValueError, World
from modules.ops.aws_clients import pages
from modules.ops.failures.aws import missing_is_fine
from modules.ops.inventory import Found

_DYING = {"DELETING", "DELETED"}


def _two_parts(world: World, found: Found) -> str:
    """`cluster:name` of an ARN that ends in cluster/name/uuid."""
    cluster, name = found.id.split("/")[:2]
    return f"{cluster}:{name}"


def _principal(world: World, found: Found) -> str:
    """The principal of an access entry. Its ARN lacks the principal's path, so the entries themselves are read."""
    eks, cluster = world.clients.get("eks"), found.id.split("/")[0]
    for principal in pages(eks, "list_access_entries", "accessEntries", clusterName=cluster):
        if eks.describe_access_entry(clusterName=cluster, principalArn=principal)["accessEntry"]["accessEntryArn"] == found.arn:
            return str(principal)
    raise UnknownValueError(found.arn)


def _entry(world: World, found: Found) -> str:
    return f"{found.id.split('/')[0]}:{_principal(world, found)}"


def _policy_association(world: World, body: Body) -> str | None:
    cluster, principal, policy = body.text("cluster_name"), body.text("principal_arn"), body.text("policy_arn")
    listed: list[Any] = []
    with missing_is_fine():
        eks = world.clients.get("eks")
        listed = list(
            pages(eks, "list_associated_access_policies", "associatedAccessPolicies", clusterName=cluster, principalArn=principal)
        )
    return f"{cluster}#{principal}#{policy}" if any(item["policyArn"] == policy for item in listed) else None


def _named(world: World, operation: str, result: str, **names: str) -> Mapping[str, Any] | None:
    """What EKS says of one named thing, if it is alive and ours."""
    with missing_is_fine():
        thing: Mapping[str, Any] = getattr(world.clients.get("eks"), operation)(**names)[result]
        if thing.get("status") not in _DYING and world.is_ours(thing.get("tags", {})):
            return thing
    return None


def _cluster(world: World, body: Body) -> str | None:
    name = body.text("name")
    return name if _named(world, "describe_cluster", "cluster", name=name) else None


def _node_group(world: World, body: Body) -> str | None:
    cluster, name = body.text("cluster_name"), body.text("node_group_name")
    return f"{cluster}:{name}" if _named(world, "describe_nodegroup", "nodegroup", clusterName=cluster, nodegroupName=name) else None


def _addon(world: World, body: Body) -> str | None:
    cluster, name = body.text("cluster_name"), body.text("addon_name")
    return f"{cluster}:{name}" if _named(world, "describe_addon", "addon", clusterName=cluster, addonName=name) else None


def _access_entry(world: World, body: Body) -> str | None:
    cluster, principal = body.text("cluster_name"), body.text("principal_arn")
    found = _named(world, "describe_access_entry", "accessEntry", clusterName=cluster, principalArn=principal)
    return f"{cluster}:{principal}" if found else None


_BY_NAME: dict[str, Finder] = {
    "aws_eks_cluster": _cluster,
    "aws_eks_node_group": _node_group,
    "aws_eks_addon": _addon,
    "aws_eks_access_entry": _access_entry,
}

FAMILY = Family(
    tagged={
        "aws_eks_cluster": Tagged("eks:cluster"),
        "aws_eks_node_group": Tagged("eks:nodegroup", _two_parts),
        "aws_eks_addon": Tagged("eks:addon", _two_parts),
        "aws_eks_access_entry": Tagged("eks:access-entry", _entry, {"principal_arn": _principal}),
    },
    by_name=_BY_NAME,
    by_parent={"aws_eks_access_policy_association": _policy_association},
)

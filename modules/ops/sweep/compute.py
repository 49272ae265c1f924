"""Instances, spot requests, launch templates: what Karpenter started, and machines of ours that no state knows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from modules.common.tags import ADDRESS
from modules.ops.aws_clients import Clients, pages
from modules.ops.sweep.ec2 import Filter, listed, lost, of_deployment, tag, tags_of
from modules.ops.sweep.model import Sweepable
from modules.ops.sweep.scope import KARPENTER_TEMPLATE, Scope
from modules.ops.sweep.vpc import gateway_of

_KARPENTER_NODE = "karpenter.sh/nodepool"
_HERE: Filter = {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped", "shutting-down"]}
_WAITING: Filter = {"Name": "state", "Values": ["open", "active"]}


def nodes(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Instances that Karpenter started for this cluster, and those of Terraform's that no state knows."""
    ec2 = clients.get("ec2")
    wanted = [of_deployment(scope, tag(ADDRESS), _HERE)] if scope.held else []
    if scope.cluster:
        wanted.append([tag(scope.cluster_tag, "owned"), tag(_KARPENTER_NODE), _HERE])
    seen: set[str] = set()
    for filters in wanted:
        for reservation in pages(ec2, "describe_instances", "Reservations", Filters=filters):
            for item in reservation["Instances"]:
                if item["InstanceId"] not in seen and scope.is_ours(tags_of(item)):
                    seen.add(item["InstanceId"])
                    yield _instance(ec2, item)


def _instance(ec2: Any, item: dict[str, Any]) -> Sweepable:
    id, vpc = item["InstanceId"], item.get("VpcId", "")
    groups = {group["GroupId"] for group in item.get("SecurityGroups", ())}
    disks = {disk["Ebs"]["VolumeId"] for disk in item.get("BlockDeviceMappings", ()) if "Ebs" in disk}
    # One that has ended lets go of its profile, but EC2 no longer names it.
    profile = {item["IamInstanceProfile"]["Arn"]} if "IamInstanceProfile" in item else set()
    holds = frozenset({*groups, *disks, *profile, item.get("SubnetId", ""), gateway_of(vpc)})
    return Sweepable("instance", id, partial(ec2.terminate_instances, InstanceIds=[id]), holds=holds)


def spot_requests(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Requests for spot capacity that would start another instance."""
    if not scope.cluster:
        return
    ec2 = clients.get("ec2")
    wanted = [tag(scope.cluster_tag, "owned"), _WAITING]
    for item in listed(ec2, "describe_spot_instance_requests", "SpotInstanceRequests", "SpotInstanceRequestId", wanted):
        if scope.is_ours(tags_of(item)):
            id = item["SpotInstanceRequestId"]
            holds = frozenset({item["InstanceId"]} if item.get("InstanceId") else ())
            yield Sweepable("spot request", id, partial(ec2.cancel_spot_instance_requests, SpotInstanceRequestIds=[id]), holds=holds)


def templates(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Launch templates that Karpenter made for this cluster, and those of Terraform's that no state knows."""
    ec2 = clients.get("ec2")
    listing = (ec2, "describe_launch_templates", "LaunchTemplates", "LaunchTemplateId")
    found = {item["LaunchTemplateId"]: item for item in lost(ec2, scope, *listing[1:])}
    if scope.cluster:
        found |= {item["LaunchTemplateId"]: item for item in listed(*listing, [tag(KARPENTER_TEMPLATE, scope.cluster)])}
    for id, item in found.items():
        if scope.is_ours(tags_of(item)):
            yield Sweepable("launch template", id, partial(ec2.delete_launch_template, LaunchTemplateId=id))

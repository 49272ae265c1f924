"""Network interfaces and security groups: what lies in the VPC and keeps it from going."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from modules.ops.aws_clients import Clients, pages
from modules.ops.sweep.ec2 import Filter, in_vpcs, listed, of_deployment, tag, tags_of
from modules.ops.sweep.model import Sweepable
from modules.ops.sweep.scope import BALANCER_TAG, CNI_TAG, EKS_TAG, Scope

#: The VPC CNI writes when it made an interface, https://github.com/aws/amazon-vpc-cni-k8s#eni-tags-related-to-allocation
_CREATED = "node.k8s.amazonaws.com/createdAt"
#: The CNI attaches what it makes at once, and removes what it could not attach within minutes. An hour is long after both.
_ABANDONED = timedelta(hours=1)
_FREE: Filter = {"Name": "status", "Values": ["available"]}


def interfaces(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Network interfaces that nothing uses any more; the VPC CNI leaves them when its node goes first."""
    ec2 = clients.get("ec2")
    wanted = [*in_vpcs(scope, _FREE), of_deployment(scope, _FREE)]
    if scope.cluster:
        wanted.append([tag(CNI_TAG, scope.cluster), _FREE])
    for item in listed(ec2, "describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId", *wanted):
        tags = tags_of(item)
        # What an AWS service made for itself only that service can remove.
        if item.get("RequesterManaged") or not scope.allows(tags):
            continue
        id = item["NetworkInterfaceId"]
        holds = frozenset({item.get("SubnetId", ""), *(group["GroupId"] for group in item.get("Groups", ()))})
        remove = partial(ec2.delete_network_interface, NetworkInterfaceId=id)
        yield Sweepable("network interface", id, remove, holds=holds, idle=_since(tags.get(_CREATED, "")))


def _since(created: str) -> str:
    """The proof that an interface was left: its maker's own date, long past. "" when there is none."""
    try:
        age = datetime.now(UTC) - datetime.fromisoformat(created)
    except (ValueError, TypeError):
        return ""
    return f"free, and made at {created}" if age > _ABANDONED else ""


def security_groups(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Security groups in our VPC that neither Terraform nor the VPC itself made, and the controllers' in any VPC."""
    ec2 = clients.get("ec2")
    wanted = in_vpcs(scope)
    if scope.cluster:
        wanted += [[tag(BALANCER_TAG, scope.cluster)], [tag(scope.cluster_tag, "owned")]]
    if scope.held:
        wanted.append(of_deployment(scope))
    for item in listed(ec2, "describe_security_groups", "SecurityGroups", "GroupId", *wanted):
        tags = tags_of(item)
        # EKS takes its own group with its cluster.
        if item["GroupName"] != "default" and scope.allows(tags) and not (scope.alive and tags.get(EKS_TAG) == scope.cluster):
            yield _group(ec2, item)


def _group(ec2: Any, item: dict[str, Any]) -> Sweepable:
    """A group whose rules name another holds that other."""
    id = item["GroupId"]
    rules = [*item.get("IpPermissions", ()), *item.get("IpPermissionsEgress", ())]
    named = {pair.get("GroupId", "") for rule in rules for pair in rule.get("UserIdGroupPairs", ())}
    holds = frozenset({*named - {id}, item.get("VpcId", "")})
    return Sweepable("security group", id, partial(_remove_group, ec2, id), holds=holds, users=partial(users_of, ec2, "group-id", id))


def users_of(ec2: Any, filter: str, id: str) -> Sequence[str]:
    """The interfaces in a group, a subnet or a VPC, in words. Raises ClientError."""
    found = pages(ec2, "describe_network_interfaces", "NetworkInterfaces", Filters=[{"Name": filter, "Values": [id]}])
    return [f"network interface {item['NetworkInterfaceId']} ({item.get('Description') or item.get('Status', '')})" for item in found]


def _remove_group(ec2: Any, group: str) -> None:
    """Two groups that name each other hold each other, so the rules go first; but not of a group in use, which AWS then keeps."""
    if users_of(ec2, "group-id", group):
        ec2.delete_security_group(GroupId=group)
        return
    rules: dict[bool, list[str]] = {True: [], False: []}
    for rule in pages(ec2, "describe_security_group_rules", "SecurityGroupRules", Filters=[{"Name": "group-id", "Values": [group]}]):
        rules[rule["IsEgress"]].append(rule["SecurityGroupRuleId"])
    if rules[False]:
        ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=rules[False])
    if rules[True]:
        ec2.revoke_security_group_egress(GroupId=group, SecurityGroupRuleIds=rules[True])
    ec2.delete_security_group(GroupId=group)

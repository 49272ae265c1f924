"""What Terraform does not own but leaves no room for a clean end: how each kind is found, and how it goes.

Controllers in the cluster, the CNI and EKS itself make these. Each is ours by the VPC it lies in, by the cluster's tag,
or by a name that only this cluster uses; what carries a Terraform address or another deployment's tag is never listed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from modules.common.tags import ADDRESS, DEPLOYMENT
from modules.config.models import HubConfig
from modules.ops.aws_clients import Clients, pages
from modules.ops.failures.aws import missing_is_fine
from modules.ops.inventory import plain_tags

#: The AWS Load Balancer Controller tags with the cluster's name as value, the in-tree controller with it in the key.
_BALANCER_TAG = "elbv2.k8s.aws/cluster"
_LEGACY_TAG = "kubernetes.io/cluster/{}"
#: Both write the Service, as `namespace/name`, into a tag of their own.
_SERVICE_TAGS = ("service.k8s.aws/stack", "kubernetes.io/service-name")
#: Karpenter's tags, https://karpenter.sh/docs/concepts/nodeclasses/
_KARPENTER_NODE, _KARPENTER_TEMPLATE = "karpenter.sh/nodepool", "karpenter.k8s.aws/cluster"
#: DescribeTags of load balancers takes at most this many, https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/
_TAGS_BATCH = 20


@dataclass(frozen=True)
class Sweepable:
    """One thing to remove. `remove` asks AWS to; it raises ClientError when AWS refuses."""

    kind: str
    id: str
    remove: Callable[[], object]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


@dataclass(frozen=True)
class Scope:
    """Whose things these are: the deployment, its own VPCs, and its cluster's name ("" when the cluster is somebody else's).

    parameters: below which programs of this env write parameters at run time; "" for none.
    """

    deployment: str
    vpc_ids: tuple[str, ...]
    cluster: str
    parameters: str = ""

    def allows(self, tags: Mapping[str, str]) -> bool:
        """False for what Terraform owns, and for what another deployment owns."""
        return ADDRESS not in tags and tags.get(DEPLOYMENT) in (None, self.deployment)

    def is_clusters(self, tags: Mapping[str, str]) -> bool:
        """Whether a controller of this cluster made the thing."""
        if not self.cluster:
            return False
        return tags.get(_BALANCER_TAG) == self.cluster or _LEGACY_TAG.format(self.cluster) in tags


Lister = Callable[[Clients, Scope], Iterator[Sweepable]]


def make_scope(clients: Clients, config: HubConfig, vpc_ids: tuple[str, ...]) -> Scope:
    """The scope of this env. A cluster that is configured as existing, or tagged as another deployment's, is not ours to sweep by name."""
    cluster = "" if config.cluster.existing else config.cluster_name
    if cluster:
        with missing_is_fine():
            tags = clients.get("eks").describe_cluster(name=cluster)["cluster"].get("tags", {})
            if tags.get(DEPLOYMENT) != config.deployment:
                cluster = ""
    return Scope(config.deployment, vpc_ids, cluster)


def nodes(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Instances that Karpenter started for this cluster."""
    if not scope.cluster:
        return
    ec2 = clients.get("ec2")
    filters = [
        {"Name": f"tag:{_LEGACY_TAG.format(scope.cluster)}", "Values": ["owned"]},
        {"Name": "tag-key", "Values": [_KARPENTER_NODE]},
        {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped", "shutting-down"]},
    ]
    for reservation in pages(ec2, "describe_instances", "Reservations", Filters=filters):
        for instance in reservation["Instances"]:
            if scope.allows(plain_tags(instance.get("Tags", []))):
                yield Sweepable("instance", instance["InstanceId"], partial(ec2.terminate_instances, InstanceIds=[instance["InstanceId"]]))


def balancers(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Network and application load balancers of the cluster, and whatever else balances inside our VPC."""
    elb = clients.get("elbv2")
    found = {item["LoadBalancerArn"]: item for item in pages(elb, "describe_load_balancers", "LoadBalancers")}
    for arn, tags in _elb_tags(elb, list(found)):
        if scope.allows(tags) and (found[arn].get("VpcId") in scope.vpc_ids or scope.is_clusters(tags)):
            yield Sweepable("load balancer", found[arn]["LoadBalancerName"], partial(elb.delete_load_balancer, LoadBalancerArn=arn))


def balancers_of(clients: Clients, cluster: str, services: Collection[str]) -> Iterator[str]:
    """Names of the load balancers that a controller of `cluster` made for these Services."""
    elb = clients.get("elbv2")
    found = {item["LoadBalancerArn"]: item["LoadBalancerName"] for item in pages(elb, "describe_load_balancers", "LoadBalancers")}
    for arn, tags in _elb_tags(elb, list(found)):
        of_cluster = tags.get(_BALANCER_TAG) == cluster or _LEGACY_TAG.format(cluster) in tags
        if of_cluster and any(tags.get(key) in services for key in _SERVICE_TAGS):
            yield found[arn]


def target_groups(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Target groups; they go once no load balancer points to them."""
    elb = clients.get("elbv2")
    found = {item["TargetGroupArn"]: item for item in pages(elb, "describe_target_groups", "TargetGroups")}
    for arn, tags in _elb_tags(elb, list(found)):
        if scope.allows(tags) and (found[arn].get("VpcId") in scope.vpc_ids or scope.is_clusters(tags)):
            yield Sweepable("target group", found[arn]["TargetGroupName"], partial(elb.delete_target_group, TargetGroupArn=arn))


def classic_balancers(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Classic load balancers in our VPC, which the in-tree controller makes."""
    elb = clients.get("elb")
    found = {item["LoadBalancerName"]: item for item in pages(elb, "describe_load_balancers", "LoadBalancerDescriptions")}
    ours = [name for name, item in found.items() if item.get("VPCId") in scope.vpc_ids]
    for start in range(0, len(ours), _TAGS_BATCH):
        for described in elb.describe_tags(LoadBalancerNames=ours[start : start + _TAGS_BATCH])["TagDescriptions"]:
            if scope.allows(plain_tags(described.get("Tags", []))):
                name = described["LoadBalancerName"]
                yield Sweepable("classic load balancer", name, partial(elb.delete_load_balancer, LoadBalancerName=name))


def interfaces(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Network interfaces that nothing uses any more; the VPC CNI leaves them when its node goes first."""
    ec2 = clients.get("ec2")
    for item in _in_vpcs(ec2, scope, "describe_network_interfaces", "NetworkInterfaces", {"Name": "status", "Values": ["available"]}):
        # What an AWS service made for itself only that service can remove.
        if scope.allows(plain_tags(item.get("TagSet", []))) and not item.get("RequesterManaged"):
            id = item["NetworkInterfaceId"]
            yield Sweepable("network interface", id, partial(ec2.delete_network_interface, NetworkInterfaceId=id))


def security_groups(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Security groups in our VPC that neither Terraform nor the VPC itself made."""
    ec2 = clients.get("ec2")
    for item in _in_vpcs(ec2, scope, "describe_security_groups", "SecurityGroups"):
        if item["GroupName"] != "default" and scope.allows(plain_tags(item.get("Tags", []))):
            yield Sweepable("security group", item["GroupId"], partial(_remove_group, ec2, item["GroupId"]))


def templates(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Launch templates that Karpenter made for this cluster."""
    if not scope.cluster:
        return
    ec2 = clients.get("ec2")
    filters = [{"Name": f"tag:{_KARPENTER_TEMPLATE}", "Values": [scope.cluster]}]
    for item in pages(ec2, "describe_launch_templates", "LaunchTemplates", Filters=filters):
        if scope.allows(plain_tags(item.get("Tags", []))):
            id = item["LaunchTemplateId"]
            yield Sweepable("launch template", id, partial(ec2.delete_launch_template, LaunchTemplateId=id))


def control_plane_logs(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """The log group that EKS makes again, untagged and kept for ever, when it writes after Terraform deleted it."""
    if not scope.cluster:
        return
    logs, name = clients.get("logs"), f"/aws/eks/{scope.cluster}/cluster"
    for group in pages(logs, "describe_log_groups", "logGroups", logGroupNamePrefix=name):
        tags = logs.list_tags_for_resource(resourceArn=group["arn"].removesuffix(":*")).get("tags", {})
        if group["logGroupName"] == name and scope.allows(tags):
            yield Sweepable("log group", name, partial(logs.delete_log_group, logGroupName=name))


#: In the order in which they let go of each other.
LISTERS: tuple[Lister, ...] = (
    nodes,
    balancers,
    classic_balancers,
    target_groups,
    interfaces,
    security_groups,
    templates,
    control_plane_logs,
)


def _in_vpcs(ec2: Any, scope: Scope, operation: str, result: str, *filters: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if scope.vpc_ids:
        yield from pages(ec2, operation, result, Filters=[{"Name": "vpc-id", "Values": list(scope.vpc_ids)}, *filters])


def _elb_tags(elb: Any, arns: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    for start in range(0, len(arns), _TAGS_BATCH):
        for described in elb.describe_tags(ResourceArns=arns[start : start + _TAGS_BATCH])["TagDescriptions"]:
            yield described["ResourceArn"], plain_tags(described.get("Tags", []))


def _remove_group(ec2: Any, group: str) -> None:
    """Two groups that name each other hold each other, so the rules go first."""
    rules: dict[bool, list[str]] = {True: [], False: []}
    for rule in pages(ec2, "describe_security_group_rules", "SecurityGroupRules", Filters=[{"Name": "group-id", "Values": [group]}]):
        rules[rule["IsEgress"]].append(rule["SecurityGroupRuleId"])
    if rules[False]:
        ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=rules[False])
    if rules[True]:
        ec2.revoke_security_group_egress(GroupId=group, SecurityGroupRuleIds=rules[True])
    ec2.delete_security_group(GroupId=group)

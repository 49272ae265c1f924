"""How much of its quotas an account uses now, and how much of that is this env's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from modules.catalog.instances import find_shape
from modules.catalog.quotas import Quota, vcpu_quota
from modules.common.tags import DEPLOYMENT
from modules.config.models import HubConfig
from modules.ops.aws_clients import pages
from modules.ops.failures.aws import doing, missing_is_fine
from modules.ops.inventory import plain_tags
from modules.ops.preflight.check import Context

#: What EKS puts on the instances of its node groups, and Karpenter on its own.
_GROUP, _POOL = "eks:nodegroup-name", "karpenter.sh/nodepool"
#: A NAT gateway counts until it is gone, https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
_NAT_STATES = ["pending", "available", "deleting"]


@dataclass(frozen=True)
class Instance:
    """A running instance, by what it counts against. place: node group or pool it belongs to when it is this env's, else ""."""

    quota: Quota
    vcpu: int
    ours: bool
    place: str


@dataclass(frozen=True)
class Use:
    """Things by count; `our_…` are this env's. nats: by zone. groups: names of the cluster's node groups."""

    vpcs: int
    our_vpcs: int
    addresses: int
    our_addresses: int
    nats: Mapping[str, int]
    our_nats: Mapping[str, int]
    clusters: int
    has_cluster: bool
    groups: frozenset[str]
    instances: tuple[Instance, ...]

    def vcpus(self, quota: Quota) -> int:
        """vCPUs that run against one quota, whoever's they are."""
        return sum(each.vcpu for each in self.instances if each.quota == quota)

    def vcpus_of(self, quota: Quota, place: str) -> int:
        """vCPUs of one of this env's node groups, by its name in EKS; of its admin box by ""."""
        return sum(each.vcpu for each in self.instances if each.quota == quota and each.ours and each.place == place)

    def vcpus_of_pools(self, quota: Quota, fixed: Iterable[str]) -> int:
        """vCPUs of this env that may go again: all but those of the node groups named `fixed`."""
        always = set(fixed)
        return sum(each.vcpu for each in self.instances if each.quota == quota and each.ours and each.place not in always)


def read_use(context: Context) -> Use:
    """What the account has in the env's region. Raises HubError when AWS refuses to list it."""
    config, ec2 = context.config, context.client("ec2")
    with doing("count what this account uses"):
        vpcs = [_is_ours(config, each) for each in pages(ec2, "describe_vpcs", "Vpcs")]
        addresses = [_is_ours(config, each) for each in pages(ec2, "describe_addresses", "Addresses")]
        nats, our_nats = _nats(config, ec2)
        reservations = pages(ec2, "describe_instances", "Reservations", Filters=[_states("pending", "running")])
        running = [_instance(config, each) for reservation in reservations for each in reservation["Instances"]]
        clusters = list(pages(context.client("eks"), "list_clusters", "clusters"))
        groups = _groups(context) if config.cluster_name in clusters else frozenset()
    return Use(
        vpcs=len(vpcs),
        our_vpcs=sum(vpcs),
        addresses=len(addresses),
        our_addresses=sum(addresses),
        nats=nats,
        our_nats=our_nats,
        clusters=len(clusters),
        has_cluster=config.cluster_name in clusters,
        groups=groups,
        instances=tuple(each for each in running if each is not None),
    )


def balancers(context: Context) -> list[str]:
    """The ARNs of the region's network load balancers. Raises HubError when AWS refuses."""
    with doing("count this account's load balancers"):
        found = pages(context.client("elbv2"), "describe_load_balancers", "LoadBalancers")
        return [each["LoadBalancerArn"] for each in found if each.get("Type") == "network"]


def our_balancers(context: Context, arns: list[str]) -> int:
    """How many of them the cluster's load balancer controller made."""
    elbv2, found = context.client("elbv2"), 0
    with doing("read the tags of this account's load balancers"):
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html: at most 20 at a time
        for start in range(0, len(arns), 20):
            for each in elbv2.describe_tags(ResourceArns=arns[start : start + 20])["TagDescriptions"]:
                found += plain_tags(each["Tags"]).get("elbv2.k8s.aws/cluster") == context.config.cluster_name
    return found


def _groups(context: Context) -> frozenset[str]:
    name = context.config.cluster_name
    with missing_is_fine():
        return frozenset(pages(context.client("eks"), "list_nodegroups", "nodegroups", clusterName=name))
    return frozenset()


def _nats(config: HubConfig, ec2: Any) -> tuple[Counter[str], Counter[str]]:
    found = list(pages(ec2, "describe_nat_gateways", "NatGateways", Filter=[{"Name": "state", "Values": _NAT_STATES}]))
    if not found:
        return Counter(), Counter()
    zones = {each["SubnetId"]: each["AvailabilityZone"] for each in pages(ec2, "describe_subnets", "Subnets")}
    everybodys = Counter(zones.get(each.get("SubnetId", ""), "") for each in found)
    ours = Counter(zones.get(each.get("SubnetId", ""), "") for each in found if _is_ours(config, each))
    return everybodys, ours


def _instance(config: HubConfig, found: Mapping[str, Any]) -> Instance | None:
    """None for a kind of instance whose quota is not looked at."""
    spot = found.get("InstanceLifecycle") == "spot"
    quota = vcpu_quota(found["InstanceType"], "spot" if spot else "on-demand")
    if quota is None:
        return None
    shape, options, tags = find_shape(found["InstanceType"]), found.get("CpuOptions") or {}, plain_tags(found.get("Tags", []))
    vcpu = shape.vcpu if shape else options.get("CoreCount", 1) * options.get("ThreadsPerCore", 1)
    ours = _is_ours(config, found) or config.cluster_name in (tags.get("eks:cluster-name"), tags.get("eks:eks-cluster-name"))
    ours = ours or f"kubernetes.io/cluster/{config.cluster_name}" in tags
    return Instance(quota, vcpu, ours, (tags.get(_GROUP) or tags.get(_POOL, "")) if ours else "")


def _is_ours(config: HubConfig, found: Mapping[str, Any]) -> bool:
    return plain_tags(found.get("Tags", [])).get(DEPLOYMENT) == config.deployment


def _states(*states: str) -> dict[str, Any]:
    return {"Name": "instance-state-name", "Values": list(states)}

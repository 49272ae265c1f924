"""Load balancers and target groups, which controllers in the cluster make for Services and Ingresses."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

from modules.ops.aws_clients import Clients, pages
from modules.ops.failures.aws import missing_is_fine
from modules.ops.inventory import plain_tags
from modules.ops.sweep.model import Sweepable
from modules.ops.sweep.scope import BALANCER_TAG, Scope
from modules.ops.sweep.vpc import gateway_of

#: Both controllers write the Service, as `namespace/name`, into a tag of their own.
_SERVICE_TAGS = ("service.k8s.aws/stack", "kubernetes.io/service-name")
#: DescribeTags of load balancers takes at most this many, https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/
_TAGS_BATCH = 20


def balancers(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Network and application load balancers of the cluster, and whatever else balances inside our VPC."""
    elb = clients.get("elbv2")
    found = {item["LoadBalancerArn"]: item for item in pages(elb, "describe_load_balancers", "LoadBalancers")}
    for arn, tags in _tags(elb, list(found)):
        item = found[arn]
        if scope.allows(tags) and (item.get("VpcId") in scope.vpc_ids or scope.is_ours(tags)):
            subnets = {zone.get("SubnetId", "") for zone in item.get("AvailabilityZones", ())}
            holds = frozenset({*item.get("SecurityGroups", ()), *subnets, gateway_of(item.get("VpcId", ""))})
            remove = partial(elb.delete_load_balancer, LoadBalancerArn=arn)
            yield Sweepable("load balancer", item["LoadBalancerName"], remove, names=frozenset({arn}), holds=holds)


def balancers_of(clients: Clients, cluster: str, services: Collection[str]) -> Iterator[str]:
    """Names of the load balancers that a controller of `cluster` made for these Services."""
    elb = clients.get("elbv2")
    found = {item["LoadBalancerArn"]: item["LoadBalancerName"] for item in pages(elb, "describe_load_balancers", "LoadBalancers")}
    for arn, tags in _tags(elb, list(found)):
        of_cluster = tags.get(BALANCER_TAG) == cluster or f"kubernetes.io/cluster/{cluster}" in tags
        if of_cluster and any(tags.get(key) in services for key in _SERVICE_TAGS):
            yield found[arn]


def target_groups(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Target groups; they go once no load balancer points to them."""
    elb = clients.get("elbv2")
    found = {item["TargetGroupArn"]: item for item in pages(elb, "describe_target_groups", "TargetGroups")}
    for arn, tags in _tags(elb, list(found)):
        item = found[arn]
        if scope.allows(tags) and (item.get("VpcId") in scope.vpc_ids or scope.is_ours(tags)):
            remove = partial(elb.delete_target_group, TargetGroupArn=arn)
            needs = frozenset(item.get("LoadBalancerArns", ()))
            yield Sweepable("target group", item["TargetGroupName"], remove, names=frozenset({arn}), needs=needs)


def classic_balancers(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Classic load balancers of the cluster or in our VPC, which the in-tree controller makes."""
    elb = clients.get("elb")
    found = {item["LoadBalancerName"]: item for item in pages(elb, "describe_load_balancers", "LoadBalancerDescriptions")}
    for name, tags in _tags(elb, list(found), "LoadBalancerNames", "LoadBalancerName"):
        item = found[name]
        if scope.allows(tags) and (item.get("VPCId") in scope.vpc_ids or scope.is_ours(tags)):
            holds = frozenset({*item.get("SecurityGroups", ()), *item.get("Subnets", ()), gateway_of(item.get("VPCId", ""))})
            yield Sweepable("classic load balancer", name, partial(elb.delete_load_balancer, LoadBalancerName=name), holds=holds)


def _tags(elb: Any, ids: list[str], many: str = "ResourceArns", one: str = "ResourceArn") -> Iterator[tuple[str, dict[str, str]]]:
    """Each with its tags. One that went since it was listed, anybody's, makes AWS refuse the whole batch; then each is asked for alone."""
    for start in range(0, len(ids), _TAGS_BATCH):
        batch = ids[start : start + _TAGS_BATCH]
        described: list[dict[str, Any]] = []
        with missing_is_fine():
            described = elb.describe_tags(**{many: batch})["TagDescriptions"]
        for id in () if described else batch:
            with missing_is_fine():
                described += elb.describe_tags(**{many: [id]})["TagDescriptions"]
        for each in described:
            yield each[one], plain_tags(each.get("Tags", []))

"""AWS Load Balancer Controller: network load balancers of one cluster, known by the tag the controller puts on them.

Written for 3.5 as it runs here: Services alone, no Ingress, no gateway, no WAF, no Shield, certificates named by ARN. Upstream's
policy lets it change any load balancer and any security group of the account; this one asks for the cluster's tag everywhere.
Source of the action list: docs/install/iam_policy.json of https://github.com/kubernetes-sigs/aws-load-balancer-controller
and AWS's service authorization reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from modules.iam.document import Document, Statement, allow, document, merge

#: The controller tags with it whatever it makes; the sweep finds leftovers by it (modules/iam/provisioning/sweep.py).
CLUSTER_TAG = "elbv2.k8s.aws/cluster"

_SEE_NETWORK = (
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeAddresses",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeInstances",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeTags",
    "ec2:DescribeVpcs",
)
_SEE_BALANCERS = (
    "elasticloadbalancing:DescribeCapacityReservation",
    "elasticloadbalancing:DescribeListenerAttributes",
    "elasticloadbalancing:DescribeListenerCertificates",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeSSLPolicies",
    "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
)
_BALANCER = (
    "elasticloadbalancing:CreateListener",
    "elasticloadbalancing:DeleteLoadBalancer",
    "elasticloadbalancing:ModifyLoadBalancerAttributes",
    "elasticloadbalancing:SetIpAddressType",
    "elasticloadbalancing:SetSecurityGroups",
    "elasticloadbalancing:SetSubnets",
)
#: What is done to a listener.
LISTENER = (
    "elasticloadbalancing:AddListenerCertificates",
    "elasticloadbalancing:DeleteListener",
    "elasticloadbalancing:ModifyListener",
    "elasticloadbalancing:ModifyListenerAttributes",
    "elasticloadbalancing:RemoveListenerCertificates",
)
_TARGETS = (
    "elasticloadbalancing:DeleteTargetGroup",
    "elasticloadbalancing:DeregisterTargets",
    "elasticloadbalancing:ModifyTargetGroup",
    "elasticloadbalancing:ModifyTargetGroupAttributes",
    "elasticloadbalancing:RegisterTargets",
)
_RULES = ("ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress")


@dataclass(frozen=True)
class _Controller:
    """One cluster's controller."""

    partition: str
    region: str
    account: str
    cluster_name: str
    vpc_id: str

    def balancer(self, *kinds: str) -> list[str]:
        return [f"arn:{self.partition}:elasticloadbalancing:{self.region}:{self.account}:{kind}" for kind in kinds]

    def ec2(self, resource: str) -> str:
        return f"arn:{self.partition}:ec2:{self.region}:{self.account}:{resource}"

    @property
    def here(self) -> dict[str, Any]:
        return {"StringEquals": {"aws:RequestedRegion": self.region}}

    @property
    def asked(self) -> dict[str, Any]:
        return {"StringEquals": {f"aws:RequestTag/{CLUSTER_TAG}": self.cluster_name}}

    @property
    def owned(self) -> dict[str, Any]:
        return {"StringEquals": {f"aws:ResourceTag/{CLUSTER_TAG}": self.cluster_name}}


def controller_policies(*, partition: str, region: str, account: str, cluster_name: str, vpc_id: str) -> dict[str, Document]:
    """The controller's policies by concern, for one cluster in one VPC; each is to become a managed policy of its own."""
    at = _Controller(partition, region, account, cluster_name, vpc_id)
    return {"balancers": document(*_balancers(at)), "network": document(*_groups(at))}


def controller_policy(*, partition: str, region: str, account: str, cluster_name: str, vpc_id: str) -> Document:
    """Both in one document, for a role that carries its policy inline: there the quota is 10,240 characters."""
    return merge(
        controller_policies(partition=partition, region=region, account=account, cluster_name=cluster_name, vpc_id=vpc_id).values()
    )


def _balancers(at: _Controller) -> tuple[Statement, ...]:
    """Made with the cluster's tag, changed only while they carry it."""
    balancer, listener, targets = "loadbalancer/net/*", "listener/net/*", "targetgroup/*"
    every = at.balancer(balancer, listener, targets)
    creating = {"elasticloadbalancing:CreateAction": ["CreateListener", "CreateLoadBalancer", "CreateTargetGroup"]}
    return (
        allow("SeeBalancersHere", _SEE_BALANCERS, "*", conditions=at.here),
        allow(
            "CreateTagged",
            ("elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup"),
            at.balancer(balancer, targets),
            conditions=at.asked,
        ),
        allow(
            "TagWhenCreating",
            "elasticloadbalancing:AddTags",
            every,
            conditions={"StringEquals": {**at.asked["StringEquals"], **creating}},
        ),
        allow("RetagOwn", ("elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"), every, conditions=at.owned),
        allow("ChangeOwnBalancers", _BALANCER, at.balancer(balancer), conditions=at.owned),
        allow("ChangeOwnListeners", LISTENER, at.balancer(listener), conditions=at.owned),
        allow("ChangeOwnTargets", _TARGETS, at.balancer(targets), conditions=at.owned),
        # The first load balancer of an account makes AWS create this role, in the caller's name.
        allow(
            "LinkedRole",
            "iam:CreateServiceLinkedRole",
            f"arn:{at.partition}:iam::{at.account}:role/aws-service-role/elasticloadbalancing.amazonaws.com/*",
            conditions={"StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}},
        ),
    )


def _groups(at: _Controller) -> tuple[Statement, ...]:
    """A security group for each load balancer, and the openings towards the pods in the group EKS made for the cluster."""
    group = at.ec2("security-group/*")
    of_cluster = {"StringEquals": {f"aws:ResourceTag/kubernetes.io/cluster/{at.cluster_name}": "owned"}}
    creating = {"StringEquals": {**at.asked["StringEquals"], "ec2:CreateAction": "CreateSecurityGroup"}}
    vpc = at.ec2(f"vpc/{at.vpc_id}")
    return (
        allow("SeeNetworkHere", _SEE_NETWORK, "*", conditions=at.here),
        allow("SeeGroupsOfVpc", "ec2:GetSecurityGroupsForVpc", vpc),
        allow("CreateGroups", "ec2:CreateSecurityGroup", group, conditions=at.asked),
        allow("CreateGroupsInVpc", "ec2:CreateSecurityGroup", vpc),
        allow("TagGroupsWhenCreating", "ec2:CreateTags", group, conditions=creating),
        allow("ChangeOwnGroups", (*_RULES, "ec2:CreateTags", "ec2:DeleteSecurityGroup", "ec2:DeleteTags"), group, conditions=at.owned),
        allow("OpenClusterGroup", _RULES, group, conditions=of_cluster),
    )

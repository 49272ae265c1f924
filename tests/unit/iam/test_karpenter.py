"""Karpenter's controller: bound to its cluster by tags, to one role, one queue and one region."""

from __future__ import annotations

import json
from typing import Any

import pytest

from modules.iam import karpenter
from modules.iam.document import MANAGED_POLICY_MAX, Statement, size
from tests._support.policies import QUEUE, ROLE, controller_policies

MADE = controller_policies()
STATEMENTS: dict[str, Statement] = {statement["Sid"]: statement for made in MADE.values() for statement in made["Statement"]}
OWNED = "kubernetes.io/cluster/hub"


def test_the_split_is_by_concern() -> None:
    assert list(MADE) == ["node-lifecycle", "iam-integration", "eks-integration", "interruption", "resource-discovery"]
    assert len(STATEMENTS) == sum(len(made["Statement"]) for made in MADE.values())


@pytest.mark.parametrize("name", MADE)
def test_each_fits_also_with_the_longest_names(name: str) -> None:
    longest = controller_policies(cluster_name="c" * 100, region="ap-southeast-99", node_role_arn="r" * 640, queue_arn="q" * 200)
    assert size(longest[name]) <= MANAGED_POLICY_MAX


@pytest.mark.parametrize(
    ("sid", "test", "key", "value"),
    [
        ("LaunchTagged", "StringEquals", f"aws:RequestTag/{OWNED}", "owned"),
        ("LaunchTagged", "StringEquals", "aws:RequestTag/eks:eks-cluster-name", "hub"),
        ("LaunchTagged", "StringLike", "aws:RequestTag/karpenter.sh/nodepool", "*"),
        ("TagWhenLaunching", "StringEquals", "ec2:CreateAction", ["RunInstances", "CreateFleet", "CreateLaunchTemplate"]),
        ("LaunchFromOwnTemplates", "StringEquals", f"aws:ResourceTag/{OWNED}", "owned"),
        ("TagOwnInstances", "ForAllValues:StringEquals", "aws:TagKeys", ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"]),
        ("EndOwnNodes", "StringEquals", f"aws:ResourceTag/{OWNED}", "owned"),
        ("PassNodeRole", "StringEquals", "iam:PassedToService", ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"]),
        ("CreateProfiles", "StringEquals", "aws:RequestTag/topology.kubernetes.io/region", "us-east-2"),
        ("ChangeOwnProfiles", "StringEquals", f"aws:ResourceTag/{OWNED}", "owned"),
        ("SeeRegion", "StringEquals", "aws:RequestedRegion", "us-east-2"),
    ],
)
def test_limits(sid: str, test: str, key: str, value: Any) -> None:
    assert STATEMENTS[sid]["Condition"][test][key] == value


@pytest.mark.parametrize(
    ("sid", "resource"),
    [
        ("PassNodeRole", ROLE),
        ("ReadInterruptions", QUEUE),
        ("FindApiServer", "arn:aws:eks:us-east-2:123456789012:cluster/hub"),
        ("ReadImageParameters", "arn:aws:ssm:us-east-2::parameter/aws/service/*"),
        ("ReadProfiles", "arn:aws:iam::123456789012:instance-profile/*"),
    ],
)
def test_one_resource(sid: str, resource: str) -> None:
    assert STATEMENTS[sid]["Resource"] == resource


@pytest.mark.parametrize("action", ["ec2:DescribeInstanceStatus", "ec2:DescribePlacementGroups", "ec2:DescribeCapacityReservations"])
def test_what_newer_releases_need(action: str) -> None:
    assert action in STATEMENTS["SeeRegion"]["Action"]


def test_only_discovery_sees_everything() -> None:
    stars = {sid for sid, statement in STATEMENTS.items() if statement["Resource"] == "*"}
    assert stars == {"SeeRegion", "ReadPrices", "ListProfiles"}


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_the_partition_is_passed_on(partition: str) -> None:
    text = json.dumps(controller_policies(partition=partition, node_role_arn="r", queue_arn="q"))
    assert f"arn:{partition}:ec2:" in text
    assert "arn:aws:" not in text


def test_tokens_go_through_unread() -> None:
    token = "${TfToken[TOKEN.12]}"
    text = json.dumps(controller_policies(cluster_name=token, account=token, node_role_arn=token, queue_arn=token))
    assert f"aws:ResourceTag/kubernetes.io/cluster/{token}" in text


def test_the_queue_hears_its_rules_only_and_only_over_tls() -> None:
    send, tls = karpenter.queue_policy(QUEUE, ["arn:rule/a", "arn:rule/b"])["Statement"]
    assert (send["Effect"], send["Action"], send["Resource"]) == ("Allow", "sqs:SendMessage", QUEUE)
    assert send["Principal"] == {"Service": "events.amazonaws.com"}
    assert send["Condition"] == {"ArnEquals": {"aws:SourceArn": ["arn:rule/a", "arn:rule/b"]}}
    assert (tls["Effect"], tls["Principal"], tls["Condition"]) == ("Deny", "*", {"Bool": {"aws:SecureTransport": "false"}})


@pytest.mark.parametrize(
    ("rule", "source", "detail"),
    [
        ("health-event", "aws.health", "AWS Health Event"),
        ("spot-interruption", "aws.ec2", "EC2 Spot Instance Interruption Warning"),
        ("rebalance", "aws.ec2", "EC2 Instance Rebalance Recommendation"),
        ("instance-state-change", "aws.ec2", "EC2 Instance State-change Notification"),
    ],
)
def test_events(rule: str, source: str, detail: str) -> None:
    assert karpenter.EVENT_PATTERNS[rule] == {"source": [source], "detail-type": [detail]}
    assert len(karpenter.EVENT_PATTERNS) == 4

"""The controllers of the platform: each row is a request, and whether its role may make it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from modules.iam import autoscaler, buckets, external_dns, fluent_bit, load_balancer
from modules.iam.document import INLINE_POLICIES_MAX, MANAGED_POLICY_MAX, merge, size
from tests._support.iam_evaluate import allows
from tests._support.policies import ACCOUNT, BUCKET, HERE, KEY, LOG_GROUP, PARTITION, REGION, VPC, balancer_policies

BALANCER = load_balancer.controller_policy(**HERE, cluster_name="hub", vpc_id=VPC)
DNS = external_dns.controller_policy(partition=PARTITION, zone_id="Z1", names=["hub.example.org"])
LOGS = fluent_bit.shipper_policy(LOG_GROUP)
SCALER = autoscaler.controller_policy(**HERE, cluster_name="hub")
USER = buckets.single_user(
    partition=PARTITION,
    shared_arn=BUCKET,
    scratch_arn="arn:aws:s3:::demo-scratch",
    read=["open"],
    key_arn=KEY,
    s3_endpoint=f"s3.{REGION}.amazonaws.com",
)
assert USER is not None

OURS, THEIRS = {"aws:ResourceTag/elbv2.k8s.aws/cluster": "hub"}, {"aws:ResourceTag/elbv2.k8s.aws/cluster": "other"}
ASKED = {"aws:RequestTag/elbv2.k8s.aws/cluster": "hub"}
IN_REGION = {"aws:RequestedRegion": REGION}


def elb(resource: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:elasticloadbalancing:{REGION}:{account}:{resource}"


def ec2(resource: str) -> str:
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:{resource}"


NLB, ALB = elb("loadbalancer/net/k8s-hub/1"), elb("loadbalancer/app/k8s-hub/1")
LISTENER, TARGETS, GROUP = elb("listener/net/k8s-hub/1/2"), elb("targetgroup/k8s-hub/1"), ec2("security-group/sg-1")


@pytest.mark.parametrize(
    ("action", "resource", "context", "allowed"),
    [
        ("elasticloadbalancing:CreateLoadBalancer", NLB, ASKED, True),
        ("elasticloadbalancing:CreateLoadBalancer", NLB, {}, False),
        ("elasticloadbalancing:CreateLoadBalancer", NLB, {"aws:RequestTag/elbv2.k8s.aws/cluster": "other"}, False),
        ("elasticloadbalancing:CreateLoadBalancer", ALB, ASKED, False),
        ("elasticloadbalancing:CreateLoadBalancer", elb("loadbalancer/net/x/1", "210987654321"), ASKED, False),
        ("elasticloadbalancing:CreateTargetGroup", TARGETS, ASKED, True),
        ("elasticloadbalancing:CreateTargetGroup", TARGETS, {}, False),
        ("elasticloadbalancing:AddTags", NLB, {**ASKED, "elasticloadbalancing:CreateAction": "CreateLoadBalancer"}, True),
        ("elasticloadbalancing:AddTags", LISTENER, {**ASKED, "elasticloadbalancing:CreateAction": "CreateListener"}, True),
        ("elasticloadbalancing:AddTags", NLB, ASKED, False),
        ("elasticloadbalancing:AddTags", NLB, {**ASKED, **THEIRS}, False),
        ("elasticloadbalancing:AddTags", NLB, OURS, True),
        ("elasticloadbalancing:CreateListener", NLB, OURS, True),
        ("elasticloadbalancing:CreateListener", NLB, THEIRS, False),
        ("elasticloadbalancing:ModifyListener", LISTENER, OURS, True),
        ("elasticloadbalancing:ModifyListener", LISTENER, {}, False),
        ("elasticloadbalancing:DeleteListener", elb("listener/app/x/1/2"), OURS, False),
        ("elasticloadbalancing:DeleteLoadBalancer", NLB, OURS, True),
        ("elasticloadbalancing:DeleteLoadBalancer", NLB, THEIRS, False),
        ("elasticloadbalancing:DeleteLoadBalancer", NLB, {}, False),
        ("elasticloadbalancing:RegisterTargets", TARGETS, OURS, True),
        ("elasticloadbalancing:RegisterTargets", TARGETS, THEIRS, False),
        ("elasticloadbalancing:SetWebAcl", ALB, OURS, False),
        ("elasticloadbalancing:DescribeLoadBalancers", "*", IN_REGION, True),
        ("elasticloadbalancing:DescribeLoadBalancers", "*", {"aws:RequestedRegion": "eu-west-1"}, False),
        ("ec2:CreateSecurityGroup", GROUP, ASKED, True),
        ("ec2:CreateSecurityGroup", GROUP, {}, False),
        ("ec2:CreateSecurityGroup", ec2(f"vpc/{VPC}"), {}, True),
        ("ec2:CreateSecurityGroup", ec2("vpc/vpc-ffffffffffffffff0"), {}, False),
        ("ec2:CreateTags", GROUP, {**ASKED, "ec2:CreateAction": "CreateSecurityGroup"}, True),
        ("ec2:CreateTags", GROUP, ASKED, False),
        ("ec2:CreateTags", ec2("instance/i-1"), {**ASKED, "ec2:CreateAction": "CreateSecurityGroup"}, False),
        ("ec2:AuthorizeSecurityGroupIngress", GROUP, OURS, True),
        ("ec2:AuthorizeSecurityGroupIngress", GROUP, {"aws:ResourceTag/kubernetes.io/cluster/hub": "owned"}, True),
        ("ec2:AuthorizeSecurityGroupIngress", GROUP, {"aws:ResourceTag/kubernetes.io/cluster/other": "owned"}, False),
        ("ec2:AuthorizeSecurityGroupIngress", GROUP, {}, False),
        ("ec2:DeleteSecurityGroup", GROUP, OURS, True),
        ("ec2:DeleteSecurityGroup", GROUP, {"aws:ResourceTag/kubernetes.io/cluster/hub": "owned"}, False),
        ("ec2:RunInstances", ec2("instance/i-1"), OURS, False),
        (
            "iam:CreateServiceLinkedRole",
            f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing",
            {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"},
            True,
        ),
        (
            "iam:CreateServiceLinkedRole",
            f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot",
            {"iam:AWSServiceName": "spot.amazonaws.com"},
            False,
        ),
        ("acm:DescribeCertificate", "*", {}, False),
        ("wafv2:AssociateWebACL", "*", {}, False),
    ],
)
def test_load_balancer_controller(action: str, resource: str, context: dict[str, str], allowed: bool) -> None:
    assert allows(BALANCER, action, resource, context) is allowed


@pytest.mark.parametrize("name", balancer_policies())
def test_each_load_balancer_policy_fits_also_with_the_longest_names(name: str) -> None:
    longest = balancer_policies(partition="aws-us-gov", region="ap-southeast-99", cluster_name="c" * 100)
    assert size(longest[name]) <= MANAGED_POLICY_MAX
    assert size(merge(longest.values())) <= INLINE_POLICIES_MAX


ZONE = "arn:aws:route53:::hostedzone/Z1"
NAMES, TYPES = "route53:ChangeResourceRecordSetsNormalizedRecordNames", "route53:ChangeResourceRecordSetsRecordTypes"


@pytest.mark.parametrize(
    ("action", "resource", "context", "allowed"),
    [
        ("route53:ChangeResourceRecordSets", ZONE, {NAMES: ["hub.example.org"], TYPES: ["A"]}, True),
        ("route53:ChangeResourceRecordSets", ZONE, {NAMES: ["hub.example.org", "hubsmith-a.hub.example.org"], TYPES: ["A", "TXT"]}, True),
        ("route53:ChangeResourceRecordSets", ZONE, {NAMES: ["example.org"], TYPES: ["A"]}, False),
        ("route53:ChangeResourceRecordSets", ZONE, {NAMES: ["www.example.org"], TYPES: ["A"]}, False),
        ("route53:ChangeResourceRecordSets", ZONE, {NAMES: ["evilhub.example.org"], TYPES: ["A"]}, False),
        ("route53:ChangeResourceRecordSets", ZONE, {NAMES: ["hub.example.org", "example.org"], TYPES: ["A"]}, False),
        ("route53:ChangeResourceRecordSets", ZONE, {NAMES: ["hub.example.org"], TYPES: ["NS"]}, False),
        ("route53:ChangeResourceRecordSets", ZONE, {NAMES: ["hub.example.org"], TYPES: ["MX"]}, False),
        ("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z2", {NAMES: ["hub.example.org"], TYPES: ["A"]}, False),
        ("route53:ListResourceRecordSets", ZONE, {}, True),
        ("route53:ListResourceRecordSets", "arn:aws:route53:::hostedzone/Z2", {}, False),
        ("route53:ListHostedZones", "*", {}, True),
        ("route53:DeleteHostedZone", ZONE, {}, False),
    ],
)
def test_external_dns(action: str, resource: str, context: dict[str, Any], allowed: bool) -> None:
    assert allows(DNS, action, resource, context) is allowed


def test_external_dns_of_no_name_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one name"):
        external_dns.controller_policy(partition=PARTITION, zone_id="Z1", names=[])


def test_the_notes_of_external_dns_stand_where_its_role_may_write() -> None:
    from modules.k8s.charts.external_dns import TXT_PREFIX

    for kind in ("a", "aaaa", "cname"):
        note = TXT_PREFIX.replace("%{record_type}", kind) + "hub.example.org"
        assert allows(DNS, "route53:ChangeResourceRecordSets", ZONE, {NAMES: [note], TYPES: ["TXT"]})


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("logs:CreateLogStream", f"{LOG_GROUP}:log-stream:a.b.c", True),
        ("logs:PutLogEvents", f"{LOG_GROUP}:log-stream:a.b.c", True),
        ("logs:DescribeLogStreams", f"{LOG_GROUP}:*", True),
        ("logs:PutLogEvents", LOG_GROUP.replace("/pods", "/vpc-flow-logs") + ":log-stream:a", False),
        ("logs:PutLogEvents", LOG_GROUP + "-of-others:log-stream:a", False),
        ("logs:CreateLogGroup", f"{LOG_GROUP}:*", False),
        ("logs:PutRetentionPolicy", f"{LOG_GROUP}:*", False),
        ("logs:GetLogEvents", f"{LOG_GROUP}:log-stream:a.b.c", False),
        ("logs:DeleteLogStream", f"{LOG_GROUP}:log-stream:a.b.c", False),
    ],
)
def test_fluent_bit(action: str, resource: str, allowed: bool) -> None:
    assert allows(LOGS, action, resource) is allowed


ASG = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:1:autoScalingGroupName/eks-hub"


@pytest.mark.parametrize(
    ("action", "context", "allowed"),
    [
        ("autoscaling:SetDesiredCapacity", {"aws:ResourceTag/k8s.io/cluster-autoscaler/hub": "owned"}, True),
        ("autoscaling:TerminateInstanceInAutoScalingGroup", {"aws:ResourceTag/k8s.io/cluster-autoscaler/hub": "owned"}, True),
        ("autoscaling:SetDesiredCapacity", {"aws:ResourceTag/k8s.io/cluster-autoscaler/other": "owned"}, False),
        ("autoscaling:SetDesiredCapacity", {}, False),
        ("autoscaling:DeleteAutoScalingGroup", {"aws:ResourceTag/k8s.io/cluster-autoscaler/hub": "owned"}, False),
        ("autoscaling:DescribeAutoScalingGroups", IN_REGION, True),
        ("autoscaling:DescribeAutoScalingGroups", {"aws:RequestedRegion": "eu-west-1"}, False),
    ],
)
def test_cluster_autoscaler(action: str, context: dict[str, str], allowed: bool) -> None:
    assert allows(SCALER, action, ASG, context) is allowed


VIA_S3 = {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}


@pytest.mark.parametrize(
    ("action", "resource", "context", "allowed"),
    [
        ("s3:GetObject", f"{BUCKET}/a", {}, True),
        ("s3:PutObject", f"{BUCKET}/a", {}, True),
        ("s3:DeleteObject", "arn:aws:s3:::demo-scratch/a", {}, True),
        ("s3:ListBucket", BUCKET, {}, True),
        ("s3:GetObject", "arn:aws:s3:::open/a", {}, True),
        ("s3:PutObject", "arn:aws:s3:::open/a", {}, False),
        ("s3:DeleteObject", "arn:aws:s3:::open/a", {}, False),
        ("s3:GetObject", "arn:aws:s3:::opened/a", {}, False),
        ("s3:ListBucket", "arn:aws:s3:::somebody-elses", {}, False),
        ("s3:ListAllMyBuckets", "*", {}, False),
        ("s3:DeleteBucket", BUCKET, {}, False),
        ("s3:PutBucketPolicy", BUCKET, {}, False),
        ("s3:DeleteObjectVersion", f"{BUCKET}/a", {}, False),
        ("kms:Decrypt", KEY, VIA_S3, True),
        ("kms:GenerateDataKey", KEY, VIA_S3, True),
        ("kms:Decrypt", KEY, {}, False),
        ("kms:Decrypt", KEY, {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}, False),
        ("kms:Decrypt", KEY + "0", VIA_S3, False),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:demo/hub-crypt-key", {}, False),
        ("sts:AssumeRole", "*", {}, False),
    ],
)
def test_notebooks(action: str, resource: str, context: dict[str, str], allowed: bool) -> None:
    assert USER is not None
    assert allows(USER, action, resource, context) is allowed


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_the_partition_is_passed_on(partition: str) -> None:
    made = [
        *balancer_policies(partition=partition).values(),
        external_dns.controller_policy(partition=partition, zone_id="Z1", names=["hub.example.org"]),
    ]
    for policy in made:
        assert f"arn:{partition}:" in json.dumps(policy)
        assert "arn:aws:" not in json.dumps(policy)


def test_tokens_go_through_unread() -> None:
    token = "${TfToken[TOKEN.12]}"
    assert f"vpc/{token}" in json.dumps(balancer_policies(account=token, cluster_name=token, vpc_id=token))
    assert token in json.dumps(external_dns.controller_policy(partition=PARTITION, zone_id=token, names=["hub.example.org"]))
    assert token in json.dumps(fluent_bit.shipper_policy(token))

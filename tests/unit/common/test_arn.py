"""ARNs are read and built without guessing the partition."""

from __future__ import annotations

import pytest

from modules.common import arn


@pytest.mark.parametrize(
    ("text", "service", "kind", "identifier"),
    [
        ("arn:aws:iam::123456789012:role/hubsmith/x/node", "iam", "role", "hubsmith/x/node"),
        ("arn:aws-us-gov:ec2:us-gov-west-1:123456789012:vpc/vpc-1", "ec2", "vpc", "vpc-1"),
        ("arn:aws:s3:::bucket", "s3", "", "bucket"),
        ("arn:aws:sqs:us-east-2:123456789012:queue", "sqs", "", "queue"),
        ("arn:aws:logs:us-east-2:123456789012:log-group:/aws/eks/hub/cluster", "logs", "log-group", None),
        ("arn:aws:iam::aws:policy/AmazonEKSClusterPolicy", "iam", "policy", "AmazonEKSClusterPolicy"),
        ("arn:aws-cn:eks:cn-north-1:123456789012:cluster/hub", "eks", "cluster", "hub"),
    ],
)
def test_parts(text: str, service: str, kind: str, identifier: str | None) -> None:
    read = arn.parse(text)
    assert (read.service, read.resource_type) == (service, kind)
    if identifier is not None:
        assert read.resource_id == identifier
    assert f"arn:{read.partition}:{read.service}:{read.region}:{read.account}:{read.resource}" == text


@pytest.mark.parametrize(
    "text", ["", "arn", "arn:aws:iam", "role/x", "arn:gcp:iam::123456789012:role/x", "arn:aws:iam::12:role/x", "arn:aws:s3:::"]
)
def test_what_is_no_arn(text: str) -> None:
    with pytest.raises(ValueError, match="is not an ARN"):
        arn.parse(text)


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("us-east-2", "aws", "amazonaws.com"),
        ("eu-central-1", "aws", "amazonaws.com"),
        ("cn-northwest-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-east-1", "aws-us-gov", "amazonaws.com"),
    ],
)
def test_regions(region: str, partition: str, suffix: str) -> None:
    assert (arn.partition_of(region), arn.dns_suffix(region)) == (partition, suffix)

"""Reading and building ARNs without guessing the partition."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ARN = re.compile(
    r"^arn:(?P<partition>aws[a-z-]*):(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>\d{12}|aws|):(?P<resource>.+)$"
)


@dataclass(frozen=True)
class Arn:
    """The parts of one ARN."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @property
    def resource_id(self) -> str:
        """What follows the resource type: `vpc-1` of `vpc/vpc-1`, `name` of `role/a/b/name` keeps its path."""
        return re.split("[/:]", self.resource, maxsplit=1)[-1]

    @property
    def resource_type(self) -> str:
        """`vpc` of `vpc/vpc-1`; "" for services whose resource is the bare name (S3, SQS, SNS)."""
        head = re.split("[/:]", self.resource, maxsplit=1)
        return head[0] if len(head) > 1 else ""


def parse(text: str) -> Arn:
    """The parts of `text`. Raises ValueError when it is no ARN."""
    match = _ARN.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not an ARN")
    return Arn(**match.groupdict())


def partition_of(region: str) -> str:
    """The partition a region belongs to, https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html"""
    if region.startswith("cn-"):
        return "aws-cn"
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws"


def dns_suffix(region: str) -> str:
    """The domain of a region's service endpoints."""
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"

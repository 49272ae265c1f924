"""The network part of an env."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from modules.config._base import Cidr, Model

#: Retention values CloudWatch Logs accepts, https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RetentionDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]

SubnetId = Annotated[str, Field(pattern=r"^subnet-[0-9a-f]+$")]


class FlowLogs(Model):
    """VPC flow logs to CloudWatch."""

    enabled: bool = True
    """Off only where another account already collects them."""
    retention_days: RetentionDays = 90
    """How long CloudWatch keeps them."""


class Endpoints(Model):
    """VPC endpoints, by service name without the region prefix."""

    gateway: tuple[Literal["s3", "dynamodb"], ...] = ("s3",)
    """Free of charge; keeps image layers and data off the NAT gateway."""
    interface: tuple[Annotated[str, Field(pattern=r"^[a-z0-9.-]+$")], ...] = ()
    """Each costs about 7.3 USD a month per availability zone; `ecr.api`, `ecr.dkr` and `sts` are the usual ones."""


class ExistingVpc(Model):
    """A VPC somebody else owns. Nothing in it is created, tagged or deleted."""

    vpc_id: Annotated[str, Field(pattern=r"^vpc-[0-9a-f]+$")]
    """The VPC."""
    public_subnets: tuple[SubnetId, ...] = ()
    """For internet-facing load balancers."""
    private_subnets: tuple[SubnetId, ...] = ()
    """For internal load balancers."""
    data_plane_subnets: Annotated[tuple[SubnetId, ...], Field(min_length=2)]
    """For nodes, pods and file-system mount targets; in two zones or more, because EKS asks for two."""


class Network(Model):
    """VPC, subnets, NAT, endpoints, flow logs."""

    existing: ExistingVpc | None = None
    """Use this VPC and create none."""
    cidr: Cidr = "10.1.0.0/21"
    """Load balancers, NAT and endpoints; /16 to /23."""
    data_plane_cidr: Cidr = "100.64.0.0/16"
    """Nodes and pods; a shared range (RFC 6598), so that it collides with no campus network."""
    azs: Annotated[tuple[Annotated[str, Field(pattern=r"^([a-z]{2}(-[a-z]+)+-\d)?[a-z]$")], ...], Field(min_length=2, max_length=6)] = (
        "a",
        "b",
    )
    """Zone letters (`a`) or full names (`us-east-2a`)."""
    nat: Literal["single", "per-az"] = "single"
    """`single` costs about 33 USD a month; `per-az` survives the loss of a zone."""
    flow_logs: FlowLogs = FlowLogs()
    """Who talked to whom."""
    endpoints: Endpoints = Endpoints()
    """Private ways to AWS services."""

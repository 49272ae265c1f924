"""Interfaces that a service made for itself are in use: a sweep for free ones must not see them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from tests._support.emulator import Emulator


@pytest.fixture(scope="module")
def session() -> Iterator[boto3.Session]:
    with Emulator() as running:
        yield running.session()


def subnet(session: boto3.Session) -> str:
    return str(session.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"])


def endpoint(session: boto3.Session) -> None:
    ec2: Any = session.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    service = "com.amazonaws.eu-west-1.sts"
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=service, VpcEndpointType="Interface", SubnetIds=[subnet(session)])


def gateway(session: boto3.Session) -> None:
    ec2: Any = session.client("ec2")
    ec2.create_nat_gateway(SubnetId=subnet(session), AllocationId=ec2.allocate_address(Domain="vpc")["AllocationId"])


def mount_target(session: boto3.Session) -> None:
    efs: Any = session.client("efs")
    efs.create_mount_target(FileSystemId=efs.create_file_system(CreationToken="x")["FileSystemId"], SubnetId=subnet(session))


def instance(session: boto3.Session) -> None:
    ec2: Any = session.client("ec2")
    ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, SubnetId=subnet(session))


def by_hand(session: boto3.Session) -> None:
    session.client("ec2").create_network_interface(SubnetId=subnet(session))


@pytest.mark.parametrize(
    ("make", "status", "managed"),
    [
        (endpoint, "in-use", True),
        (gateway, "in-use", True),
        (mount_target, "in-use", True),
        (instance, "in-use", False),
        (by_hand, "available", False),
    ],
)
def test_who_uses_it(make: Callable[[boto3.Session], None], status: str, managed: bool, session: boto3.Session) -> None:
    ec2: Any = session.client("ec2")
    before = {item["NetworkInterfaceId"] for item in ec2.describe_network_interfaces()["NetworkInterfaces"]}
    make(session)
    (made,) = [item for item in ec2.describe_network_interfaces()["NetworkInterfaces"] if item["NetworkInterfaceId"] not in before]
    assert (made["Status"], made["RequesterManaged"]) == (status, managed)
    free = ec2.describe_network_interfaces(Filters=[{"Name": "status", "Values": ["available"]}])["NetworkInterfaces"]
    assert (made["NetworkInterfaceId"] in {item["NetworkInterfaceId"] for item in free}) is (status == "available")

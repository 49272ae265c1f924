"""Quotas against what an account uses: each of them too small for its own reason, and a second install that asks for nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from modules.catalog.quotas import QUOTAS, VCPUS, vcpu_quota
from modules.common.errors import HubError
from modules.common.tags import DEPLOYMENT
from modules.ops.preflight.account_use import read_use
from modules.ops.preflight.check import Finding
from modules.ops.preflight.quotas import check_quotas
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_preflight.conftest import make_context
from tests.unit.ops_preflight.support import grant, refuse

Prepare = Callable[[Any], object]
GPU = {"pools": {"gpu": {"families": ["g4dn"], "sizes": ["xlarge", "2xlarge"], "gpu": "nvidia"}}}


def found(session: boto3.Session, **changes: Any) -> list[Finding]:
    return list(check_quotas(make_context(session, **changes)).findings)


def ec2_of(session: boto3.Session) -> Any:
    return session.client("ec2", region_name="us-east-2")


def addresses(number: int) -> Prepare:
    return lambda ec2: [ec2.allocate_address(Domain="vpc") for _ in range(number)]


def instances(instance_type: str, number: int, **tags: str) -> Prepare:
    marks = [{"ResourceType": "instance", "Tags": [{"Key": key.replace("__", ":"), "Value": value} for key, value in tags.items()]}]
    return lambda ec2: ec2.run_instances(
        ImageId="ami-12c6146b",
        InstanceType=instance_type,
        MinCount=number,
        MaxCount=number,
        **({"TagSpecifications": marks} if tags else {}),
    )


def gateways(ec2: Any) -> None:
    subnet = next(each for each in ec2.describe_subnets()["Subnets"] if each["AvailabilityZone"] == "us-east-2a")
    for _ in range(5):
        ec2.create_nat_gateway(SubnetId=subnet["SubnetId"], ConnectivityType="private")


def nothing(ec2: Any) -> None:
    """A new account: its default VPC alone."""


# The env of the tests: a VPC, one NAT gateway in zone a, two core nodes of 2 vCPUs, a pool of m5.xlarge (4 vCPUs).
@pytest.mark.parametrize(
    ("changes", "codes", "prepare", "where", "what", "fix"),
    [
        pytest.param(
            {}, {"L_F678F1CE": 1}, nothing, "network", "1 more needed, 1 of 1 VPCs in use", "vpc --quota-code L-F678F1CE", id="vpc"
        ),
        pytest.param({}, {}, addresses(5), "network.nat", "5 of 5 Elastic IPs", "L-0263D0A3 --desired-value 6", id="address"),
        pytest.param({}, {}, gateways, "network.nat", "5 of 5 NAT gateways in a zone us-east-2a", "L-FE5A380F", id="nat"),
        pytest.param({}, {"L_69A177A2": 0}, nothing, "hub.load_balancer", "0 of 0 network load", "elasticloadbalancing", id="balancer"),
        pytest.param({}, {"L_1194D53C": 0}, nothing, "cluster", "0 of 0 EKS clusters", "eks --quota-code L-1194D53C", id="cluster"),
        pytest.param({}, {"L_6D54EA21": 0}, nothing, "node_groups", "0 of 0 node groups", "L-6D54EA21 --desired-value 1", id="groups"),
        pytest.param(
            {"pools": {"default": {"families": ["m5"], "sizes": ["xlarge"], "capacity": ["spot"]}}},
            {},
            instances("m5.16xlarge", 1),
            "cluster.core",
            "4 more needed, 64 of 64 vCPUs of standard on-demand",
            "ec2 --quota-code L-1216C47A --desired-value 68 --region us-east-2",
            id="core",
        ),
        pytest.param(
            {"node_groups": {"work": {"instance_types": ["m5.4xlarge"], "min": 3, "max": 3}}},
            {"L_1216C47A": 50},
            nothing,
            "cluster.core, node_groups.work",
            "52 more needed, 0 of 50",
            "--desired-value 52",
            id="standing-group",
        ),
        pytest.param(GPU, {"L_DB2E81BA": 0}, nothing, "pools.gpu", "g4dn.xlarge, has 4 vCPUs, and 0 of 0", "L-DB2E81BA", id="gpu-0"),
        pytest.param(
            {"node_groups": {"gpu": {"instance_types": ["g4dn.xlarge"], "gpu": "nvidia", "capacity": "spot"}}},
            {"L_3819A6DF": 3},
            nothing,
            "node_groups.gpu",
            "not one node can start",
            "L-3819A6DF --desired-value 4",
            id="gpu-group-spot",
        ),
    ],
)
def test_too_small(
    session: boto3.Session, changes: dict[str, Any], codes: dict[str, int], prepare: Prepare, where: str, what: str, fix: str
) -> None:
    grant(session, **codes)
    prepare(ec2_of(session))
    first = next(each for each in found(session, **changes) if each.where == where)
    assert first.severity == "error"
    assert what in first.what
    assert fix in first.fix


def test_all_is_well(session: boto3.Session) -> None:
    grant(session)
    assert found(session) == []


@pytest.mark.parametrize(
    ("pool", "codes", "what"),
    [
        ({"families": ["m5"], "sizes": ["xlarge", "24xlarge"]}, {}, "its largest, m5.24xlarge, has 96 vCPUs, and 60 of 64"),
        ({"families": ["m5"], "sizes": ["xlarge"], "capacity": ["spot", "on-demand"]}, {"L_34B43A08": 0}, "not one node can start"),
    ],
)
def test_something_of_a_pool_is_enough(session: boto3.Session, pool: dict[str, Any], codes: dict[str, int], what: str) -> None:
    grant(session, **codes)
    (finding,) = found(session, pools={"default": pool})
    assert finding.severity == "note"
    assert what in finding.what


def test_what_others_use_now_stops_no_install(session: boto3.Session) -> None:
    grant(session, L_1216C47A=70)
    instances("m5.16xlarge", 1)(ec2_of(session))
    (finding,) = found(session, pools={"default": {"families": ["m5"], "sizes": ["xlarge"]}})
    assert (finding.severity, finding.where) == ("note", "pools.default")
    assert "not one node can start now: its smallest, m5.xlarge, has 4 vCPUs, and 2 of 70" in finding.what
    assert "--desired-value 72" in finding.fix


def test_what_always_runs_leaves_too_little_for_ever(session: boto3.Session) -> None:
    grant(session, L_1216C47A=5)
    (finding,) = found(session, pools={"default": {"families": ["m5"], "sizes": ["xlarge"], "capacity": ["on-demand"]}})
    assert finding.severity == "error"
    assert "not one node can start: its smallest, m5.xlarge, has 4 vCPUs, and 1 of 5" in finding.what


def test_somebody_else_s_instances_are_no_admin_box_of_ours(session: boto3.Session) -> None:
    instances("m5.xlarge", 1)(ec2_of(session))
    use, quota = read_use(make_context(session)), vcpu_quota("m5.xlarge", "on-demand")
    assert quota is not None
    assert (use.vcpus(quota), use.vcpus_of(quota, "")) == (4, 0)


def test_what_is_there_already_is_not_needed_again(session: boto3.Session) -> None:
    """An applied env in an account that it fills to the brim, with nodes of its pool running."""
    grant(session, L_F678F1CE=2, L_0263D0A3=1, L_FE5A380F=1, L_1216C47A=8)
    ec2, ours = ec2_of(session), [{"Key": DEPLOYMENT, "Value": make_config().deployment}]
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": ours}])["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", AvailabilityZone="us-east-2a")["Subnet"]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=[{"ResourceType": "elastic-ip", "Tags": ours}])["AllocationId"]
    marks = [{"ResourceType": "natgateway", "Tags": ours}]
    ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address, TagSpecifications=marks)
    instances("t3a.medium", 2, **{"eks__cluster-name": "lab", "eks__nodegroup-name": "lab-core"})(ec2)
    instances("m5.xlarge", 1, **{"kubernetes.io/cluster/lab": "owned", "karpenter.sh/nodepool": "default"})(ec2)
    assert found(session) == []


def test_nobody_lets_us_read_the_quotas(session: boto3.Session) -> None:
    refuse(session, "service-quotas.ListServiceQuotas")
    findings = found(session, **GPU)
    assert {each.severity for each in findings} == {"note"}
    assert findings[0].where == "aws"
    assert "those of a new account are assumed" in findings[0].what
    assert findings[-1].where == "pools.gpu"


def test_nobody_lets_us_count(session: boto3.Session) -> None:
    grant(session)
    refuse(session, "ec2.DescribeAddresses")
    with pytest.raises(HubError, match="could not count what this account uses"):
        found(session)


def test_a_network_of_somebody_else_s_needs_none(session: boto3.Session) -> None:
    grant(session, L_F678F1CE=1, L_0263D0A3=0, L_FE5A380F=0)
    assert found(session, network={"existing": {"vpc_id": "vpc-01", "data_plane_subnets": ["subnet-01", "subnet-02"]}}) == []


@pytest.mark.parametrize(
    ("instance_type", "code"),
    [
        ("m5.xlarge", "L-1216C47A"),
        ("im4gn.large", "L-1216C47A"),
        ("g4dn.xlarge", "L-DB2E81BA"),
        ("vt1.3xlarge", "L-DB2E81BA"),
        ("p5.48xlarge", "L-417A185B"),
        ("inf2.xlarge", "L-1945791B"),
        ("trn1.2xlarge", "L-2C3B7624"),
        ("x2gd.medium", "L-7295265B"),
        ("dl1.24xlarge", "L-6E869C2A"),
        ("mac1.metal", None),
        ("u-6tb1.metal", None),
    ],
)
def test_what_an_instance_counts_against(instance_type: str, code: str | None) -> None:
    quota = vcpu_quota(instance_type, "on-demand")
    assert (quota.code if quota else None) == code


def test_the_catalog_names_each_quota_once() -> None:
    assert len({quota.code for quota in QUOTAS}) == len(QUOTAS)
    assert all(quota.source.startswith("https://docs.aws.amazon.com/") for quota in QUOTAS)
    assert {capacity for _, capacity in VCPUS} == {"spot", "on-demand"}

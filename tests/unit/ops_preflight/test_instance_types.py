"""Instance types against moto's offerings: wrong, absent in a zone, absent altogether; groups and pools each in their way."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS

from modules.common.errors import HubError
from modules.config.load import list_envs, load_env
from modules.ops.aws_clients import Clients
from modules.ops.preflight.check import Context, Finding
from modules.ops.preflight.instance_types import check_instance_types
from tests.unit.ops_aws.support import refusal
from tests.unit.ops_desktop.test_cluster_api import EXISTING
from tests.unit.ops_preflight.conftest import make_context

ROOT = Path(__file__).resolve().parents[3]
ALL = {"azs": ["a", "b", "c"]}


def group(*types: str, **more: Any) -> dict[str, Any]:
    return {"node_groups": {"work": {"instance_types": list(types), **more}}}


def pool(families: list[str], sizes: list[str], **more: Any) -> dict[str, Any]:
    return {"pools": {"default": {"families": families, "sizes": sizes, **more}}}


def core(*types: str, **more: Any) -> dict[str, Any]:
    return {"cluster": {"core": {"instance_types": list(types), **more}}}


def found(session: boto3.Session, **changes: Any) -> list[Finding]:
    return list(check_instance_types(make_context(session, **changes)).findings)


# In us-east-2 moto offers c5ad.* in zones a and b, trn1.* in c alone, g5g.* nowhere; in us-east-1, zone e lacks most of today's types.
@pytest.mark.parametrize(
    ("changes", "severity", "where", "what", "fix"),
    [
        pytest.param(
            group("m55.xlarge"), "error", "node_groups.work", 'knows no type m55.xlarge; did you mean "m5.xlarge"?', "correct", id="wrong"
        ),
        pytest.param(group("zz9.plural"), "error", "node_groups.work", "EC2 knows no type zz9.plural", "correct", id="wrong-none-close"),
        pytest.param(
            pool(["m55"], ["xlarge"]), "error", "pools.default", "knows no family m55; did you mean", "families", id="wrong-family"
        ),
        pytest.param(
            core("t33.large"), "error", "cluster.core", 'knows no type t33.large; did you mean "t3.large"?', "correct", id="wrong-core"
        ),
        pytest.param(
            {"network": ALL, **group("c5ad.xlarge", "m5.xlarge")},
            "error",
            "node_groups.work",
            "c5ad.xlarge is not offered in us-east-2c, and EKS refuses",
            "take it out; 1 other stays or zones: [a, b] or offered in all of its zones: c6a.xlarge",
            id="absent-in-a-zone-one-of-two",
        ),
        pytest.param(
            {"network": ALL, **group("c5ad.xlarge")},
            "error",
            "node_groups.work",
            "c5ad.xlarge is not offered in us-east-2c, and EKS refuses",
            "zones: [a, b]",
            id="absent-in-a-zone-the-only-one",
        ),
        pytest.param(
            {"region": "us-east-1", "network": {"azs": ["a", "e"]}, **core("t3a.medium"), **pool(["m4"], ["xlarge"])},
            "error",
            "cluster.core",
            "t3a.medium is not offered in us-east-1e, and EKS refuses",
            "network.azs: [a]",
            id="absent-in-a-zone-core",
        ),
        pytest.param(
            {"network": ALL, **pool(["c5ad", "m5"], ["xlarge"])},
            "note",
            "pools.default",
            "us-east-2c lacks c5ad.xlarge",
            "",
            id="absent-in-a-zone-pool",
        ),
        pytest.param(
            {"network": ALL, **pool(["c5ad"], ["xlarge", "2xlarge"])},
            "note",
            "pools.default",
            "us-east-2c offers none of it",
            "leave c out of network.azs",
            id="a-zone-without-any",
        ),
        pytest.param(
            pool(["c5ad"], ["xlarge"], zones=["a"]) | {"network": ALL} | group("trn1.2xlarge", gpu="neuron", zones=["a"]),
            "error",
            "node_groups.work",
            "trn1.2xlarge is not offered in us-east-2a",
            "let it lie in us-east-2c",
            id="absent-in-its-only-zone",
        ),
        pytest.param(
            group("g5g.xlarge", "g5g.2xlarge", arch="arm64", gpu="nvidia"),
            "error",
            "node_groups.work",
            "none of g5g.xlarge, g5g.2xlarge is offered in us-east-2",
            "choose other types, or another region",
            id="all-absent-group",
        ),
        pytest.param(
            pool(["p4de"], ["24xlarge"], gpu="nvidia"),
            "error",
            "pools.default",
            "p4de.24xlarge is not offered in us-east-2",
            "",
            id="all-absent-pool",
        ),
        pytest.param(
            group("g5g.xlarge", "m5.xlarge"),
            "error",
            "node_groups.work",
            "g5g.xlarge is not offered in us-east-2, and EKS refuses",
            "take it out; 1 other stays",
            id="not-in-the-region-one-of-two",
        ),
        pytest.param(
            pool(["p4de", "p4d"], ["24xlarge"], gpu="nvidia"),
            "note",
            "pools.default",
            "p4de.24xlarge is not offered in us-east-2",
            "",
            id="not-in-the-region-pool",
        ),
        pytest.param(
            {"network": {"azs": ["a", "x"]}},
            "error",
            "network.azs",
            "us-east-2x offers nothing",
            "describe-availability-zones",
            id="no-zone",
        ),
        pytest.param(
            core("t3a.medium") | {"cluster": {"admin_box": {"instance_type": "g5g.xlarge"}}},
            "error",
            "cluster.admin_box",
            "g5g.xlarge is not offered in us-east-2",
            "",
            id="admin-box",
        ),
    ],
)
def test_one_finding(session: boto3.Session, changes: dict[str, Any], severity: str, where: str, what: str, fix: str) -> None:
    (finding,) = found(session, **changes)
    assert (finding.severity, finding.where) == (severity, where)
    assert what in finding.what
    assert fix in finding.fix


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="all-offered"),
        pytest.param({"network": ALL, **group("c5ad.xlarge", zones=["a", "b"])}, id="zones-chosen-well"),
        pytest.param({"network": ALL, **group("c5ad.xlarge", zones=["us-east-2a"])}, id="zone-by-its-full-name"),
        pytest.param(pool(["m5", "t3a"], ["4xlarge", "xlarge"]), id="sizes-that-a-family-lacks"),
        pytest.param({"cluster": {"existing": EXISTING, "core": {"instance_types": ["g5g.xlarge"]}}}, id="core-nodes-of-somebody-else"),
        pytest.param({"network": ALL, "cluster": {"admin_box": {"instance_type": "c5ad.xlarge"}}}, id="the-box-lies-in-the-first-zone"),
        pytest.param(pool(["m8gd"], ["xlarge"], arch="arm64"), id="whatever-the-catalog-lacks-and-ec2-has"),
    ],
)
def test_nothing_to_say(session: boto3.Session, changes: dict[str, Any]) -> None:
    assert found(session, **changes) == []


def test_each_missing_type_is_asked_about(session: boto3.Session) -> None:
    said = [each.what for each in found(session, network=ALL, **group("p4de.24xlarge", "trn1.2xlarge", "m5.xlarge", zones=["a"]))]
    assert [what.split(",")[0] for what in said] == [
        "p4de.24xlarge is not offered in us-east-2",
        "trn1.2xlarge is not offered in us-east-2a",
    ], "one that the region lacks, and one that another zone has"


def test_a_type_newer_than_the_catalog_is_taken_from_ec2(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    offered = [{"InstanceType": "m99.xlarge", "Location": "us-east-2a", "LocationType": "availability-zone"}]
    offers = INSTANCE_TYPE_OFFERINGS["availability-zone"]
    monkeypatch.setitem(offers, "us-east-2", offers["us-east-2"] + offered)
    (finding,) = found(session, **group("m99.xlarge"))
    assert finding.what.startswith("m99.xlarge is not offered in us-east-2b"), "known, so not called wrong"


def test_what_is_offered_instead_is_offered_in_every_zone_of_the_group(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    offers = INSTANCE_TYPE_OFFERINGS["availability-zone"]
    kept = [each for each in offers["us-east-2"] if not each["InstanceType"].startswith("g4dn.") or each["InstanceType"] == "g4dn.4xlarge"]
    kept = [each for each in kept if (each["InstanceType"], each["Location"]) != ("g5.xlarge", "us-east-2b")]
    monkeypatch.setitem(offers, "us-east-2", kept)
    region = INSTANCE_TYPE_OFFERINGS["region"]
    monkeypatch.setitem(region, "us-east-2", [each for each in region["us-east-2"] if not each["InstanceType"].startswith("g4dn.")])
    (finding,) = found(session, **group("g4dn.xlarge", gpu="nvidia"))
    assert finding.what == "g4dn.xlarge is not offered in us-east-2"
    assert finding.fix == "offered instead: g4dn.4xlarge, g6.xlarge, g6e.xlarge", "not g5.xlarge, which zone b lacks"


def test_zones_of_somebody_else_s_network(session: boto3.Session) -> None:
    ec2 = session.client("ec2", region_name="us-east-2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"us-east-2{letter}")["Subnet"]["SubnetId"]
        for number, letter in enumerate("bc")
    ]
    network = {"existing": {"vpc_id": vpc, "data_plane_subnets": subnets}}
    (finding,) = found(session, network=network, **group("c5ad.xlarge"))
    assert "us-east-2c" in finding.what
    assert "zones: [b]" in finding.fix
    network["existing"]["data_plane_subnets"] = ["subnet-0123", "subnet-0456"]
    with pytest.raises(HubError, match=r"network\.existing\.data_plane_subnets"):
        found(session, network=network)


def test_every_env_shipped_is_offered_what_it_asks(session: boto3.Session) -> None:
    for env in list_envs(ROOT):
        config = load_env(ROOT, env, judged=False)
        context = Context(config, Clients(session, config.region))
        assert list(check_instance_types(context).findings) == [], env


@pytest.mark.parametrize(("changes", "calls"), [({}, 1), (group("g5g.xlarge", arch="arm64", gpu="nvidia"), 2)])
def test_it_costs_one_call_and_a_second_when_something_is_missing(session: boto3.Session, changes: dict[str, Any], calls: int) -> None:
    seen: Counter[str] = Counter()
    session.events.register("before-call", lambda model, **_: seen.update([model.name]))
    found(session, **changes)
    assert seen == {"DescribeInstanceTypeOfferings": calls}


def test_a_region_the_rehearsal_knows_nothing_of(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(INSTANCE_TYPE_OFFERINGS["availability-zone"], "us-east-2", [])
    answer = check_instance_types(make_context(session, is_rehearsal=True))
    assert [each.severity for each in answer.findings] == ["note"]
    assert {each.where for each in check_instance_types(make_context(session)).findings} == {"network.azs"}, "AWS says it of zones alone"


def test_aws_does_not_let_us_look(session: boto3.Session) -> None:
    def refuse(**_: Any) -> None:
        raise refusal("UnauthorizedOperation", "DescribeInstanceTypeOfferings", 403)

    session.events.register("before-call.ec2.DescribeInstanceTypeOfferings", refuse)
    with pytest.raises(HubError, match="could not list the instance types on offer"):
        check_instance_types(make_context(session))

"""What the provisioning role is limited to, drawn from an env."""

from __future__ import annotations

import pytest

from modules.config.load import load_env
from modules.iam.provisioning import Scope, provisioning_policies
from modules.iam.provisioning.types import _parse
from tests._support.policies import ROOT


@pytest.fixture
def scope() -> Scope:
    return Scope.of(load_env(ROOT, "demo"))


def test_a_rehearsal_names_no_account(scope: Scope) -> None:
    assert scope.account == "*"
    assert scope.arn("eks", "cluster/x") == f"arn:aws:eks:{scope.region}:*:cluster/x"


def test_conditions_name_the_deployment(scope: Scope) -> None:
    assert scope.owned == {"StringEquals": {"aws:ResourceTag/hubsmith:deployment": scope.deployment}}
    assert scope.asked == {"StringEquals": {"aws:RequestTag/hubsmith:deployment": scope.deployment}}
    assert scope.iam_path == f"hubsmith/{scope.deployment}"


def _sids(config: object) -> set[str]:
    return {statement["Sid"] for policy in provisioning_policies(config).values() for statement in policy["Statement"]}  # type: ignore[arg-type]


def test_an_existing_network_is_used_and_never_changed() -> None:
    config = load_env(ROOT, "demo")
    existing = {"vpc_id": "vpc-0123456789abcdef0", "data_plane_subnets": ("subnet-0a", "subnet-0b")}
    raw = config.model_dump() | {"network": {"existing": existing}}
    adopted = type(config).model_validate(raw)
    assert _sids(adopted) - _sids(config) == {"CreateInForeignVpc", "StartInForeignVpc"}


def test_a_zone_is_asked_for_only_where_there_is_one() -> None:
    config = load_env(ROOT, "demo")
    assert config.dns is not None
    without = config.model_copy(update={"dns": None})
    assert _sids(config) - _sids(without) == {"FindZone", "ReadZone", "WriteRecords", "FollowRecords"}


def test_records_are_limited_to_the_zone() -> None:
    config = load_env(ROOT, "demo")
    assert config.dns is not None
    write = next(one for one in provisioning_policies(config)["names"]["Statement"] if one["Sid"] == "WriteRecords")
    assert write["Condition"] == {
        "ForAllValues:StringLike": {
            "route53:ChangeResourceRecordSetsNormalizedRecordNames": [config.dns.zone, f"*.{config.dns.zone}"],
        }
    }


@pytest.mark.parametrize(
    ("table", "parsed"),
    [
        ("", {}),
        ("# a remark\naws_a\n    ec2: X Y\n", {"aws_a": ("ec2:X", "ec2:Y")}),
        ("aws_a\n    ec2: X\n        Y\n    iam: Z\naws_b\n", {"aws_a": ("ec2:X", "ec2:Y", "iam:Z"), "aws_b": ()}),
    ],
)
def test_the_table_of_actions_is_read(table: str, parsed: dict[str, tuple[str, ...]]) -> None:
    assert _parse(table) == parsed

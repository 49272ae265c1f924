"""What exists of a deployment, and what only seems to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from modules.common import arn as arns
from modules.config.models import HubConfig
from modules.ops.aws_clients import Clients
from modules.ops.inventory import inventory, make_found
from modules.ops.life import CHECKS, EC2, Life, life
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_aws.things import MAKERS, Maker


@pytest.fixture
def make(session: boto3.Session, config: HubConfig) -> Maker:
    return Maker(session, config)


#: moto's tag index does not know these, AWS's does; their checks are asked directly.
NOT_IN_MOTOS_INDEX = {
    "cognito-idp:userpool": "arn:aws:cognito-idp:us-east-2:123456789012:userpool/{}",
    "ssm:parameter": "arn:aws:ssm:us-east-2:123456789012:parameter/{}",
    "events:rule": "arn:aws:events:us-east-2:123456789012:rule/{}",
}


@pytest.mark.parametrize("kind", [kind for kind in MAKERS if kind not in NOT_IN_MOTOS_INDEX])
def test_each_kind_is_found_with_its_address(kind: str, make: Maker, session: boto3.Session, config: HubConfig) -> None:
    id = MAKERS[kind](make)
    found = {(item.kind, item.id): item for item in inventory(session, config)}
    assert (kind, id) in found
    assert found[kind, id].life is Life.LIVE
    assert found[kind, id].stack == "lab-network"
    assert found[kind, id].address.startswith("aws_")


@pytest.mark.parametrize("kind", NOT_IN_MOTOS_INDEX)
def test_a_check_tells_the_living_from_the_gone(kind: str, make: Maker, session: boto3.Session, config: HubConfig) -> None:
    clients = Clients(session, config.region)
    there, gone = (arns.parse(NOT_IN_MOTOS_INDEX[kind].format(id)) for id in (MAKERS[kind](make), "us-east-2_gone"))
    assert life(clients, kind, there) is Life.LIVE
    assert life(clients, kind, gone) is None


def test_an_empty_account(session: boto3.Session, config: HubConfig) -> None:
    assert inventory(session, config) == ()


def test_another_deployments_things_are_not_ours(make: Maker, session: boto3.Session) -> None:
    for kind in ("ec2:vpc", "kms:key", "s3:bucket", "iam:role"):
        MAKERS[kind](make)
    assert inventory(session, make_config(env="other")) == ()


def delete_nat(make: Maker, id: str) -> None:
    make.client("ec2").delete_nat_gateway(NatGatewayId=id)


def terminate(make: Maker, id: str) -> None:
    make.client("ec2").terminate_instances(InstanceIds=[id])


def schedule_key(make: Maker, id: str) -> None:
    make.client("kms").schedule_key_deletion(KeyId=id, PendingWindowInDays=7)


def delete_secret(make: Maker, id: str) -> None:
    make.client("secretsmanager").delete_secret(SecretId="lab/oauth", RecoveryWindowInDays=7)


@pytest.mark.parametrize(
    ("kind", "end", "life"),
    [
        ("ec2:natgateway", delete_nat, None),
        ("ec2:instance", terminate, None),
        ("kms:key", schedule_key, Life.SCHEDULED),
        ("secretsmanager:secret", delete_secret, Life.SCHEDULED),
    ],
)
def test_the_dead_are_left_out_and_the_dying_say_so(
    kind: str, end: Callable[[Maker, str], None], life: Life | None, make: Maker, session: boto3.Session, config: HubConfig
) -> None:
    id = MAKERS[kind](make)
    end(make, id)
    lives = {item.id: item.life for item in inventory(session, config)}
    assert lives.get(id) is life


@pytest.mark.parametrize(
    ("arn", "kind", "id"),
    [
        ("arn:aws:ec2:us-east-2:123456789012:vpc/vpc-1", "ec2:vpc", "vpc-1"),
        ("arn:aws:s3:::lab-shared", "s3:bucket", "lab-shared"),
        ("arn:aws:sqs:us-east-2:123456789012:lab", "sqs:queue", "lab"),
        ("arn:aws:logs:us-east-2:123456789012:log-group:/a/b:*", "logs:log-group", "/a/b"),
        ("arn:aws:eks:us-east-2:123456789012:nodegroup/lab/core/1-2", "eks:nodegroup", "lab/core/1-2"),
        ("arn:aws:events:us-east-2:123456789012:rule/lab-spot", "events:rule", "lab-spot"),
        ("arn:aws:iam::123456789012:oidc-provider/oidc.eks.test/id/A", "iam:oidc-provider", "oidc.eks.test/id/A"),
        ("arn:aws:ssm:us-east-2:123456789012:parameter/hubsmith/lab/dcv/dcv-display", "ssm:parameter", "hubsmith/lab/dcv/dcv-display"),
        ("arn:aws:kms:us-east-2:123456789012:key/1-2", "kms:key", "1-2"),
    ],
)
def test_kind_and_id_of_an_arn(arn: str, kind: str, id: str) -> None:
    found = make_found(arn, {})
    assert (found.kind, found.id, found.stack, found.address) == (kind, id, "", "")


def test_every_kind_made_here_has_a_check() -> None:
    checked = {*CHECKS, *(f"ec2:{kind}" for kind in EC2)}
    assert set(MAKERS) <= checked
    assert len(checked) > 30


def test_two_regions_are_asked_when_they_differ(session: boto3.Session, config: HubConfig) -> None:
    asked: list[str] = []

    def note(request_signer: Any, **_: Any) -> None:
        asked.append(request_signer.region_name)

    session.events.register("before-sign.resource-groups-tagging-api.GetResources", note)
    inventory(session, config)
    assert asked == ["us-east-2", "us-east-1"]

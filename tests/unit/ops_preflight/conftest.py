"""An AWS account inside this process (moto's, with the offerings EC2 had when moto was made), and how checks are run on it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from moto import mock_aws

from modules.ops.aws_clients import Clients
from modules.ops.preflight.check import Context
from modules.rehearsal.emulator import iam
from tests.unit.ops_aws.support import make_config, new_session

_TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    """A session whose calls end in moto, with the rehearsal's policy simulator."""
    iam.install()
    with mock_aws():
        yield new_session()


def make_context(session: boto3.Session, *, is_rehearsal: bool = False, may_create: bool = False, **changes: Any) -> Context:
    """What a check is given for an env of the tests' own; keyword arguments replace its top-level fields."""
    config = make_config(**changes)
    return Context(config, Clients(session, config.region), is_rehearsal=is_rehearsal, may_create=may_create)


def assume(
    session: boto3.Session, *policies: Mapping[str, Any], path: str = "/", boundary: Mapping[str, Any] | None = None
) -> tuple[str, boto3.Session]:
    """A role `deployer` with these policies attached, by ARN, and a session of it called `ci`."""
    core: Any = session.client("iam")
    made = [
        core.create_policy(PolicyName=f"p{number}", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
        for number, document in enumerate([*policies, *([boundary] if boundary else [])])
    ]
    extra = {"PermissionsBoundary": made.pop()} if boundary else {}
    role = core.create_role(RoleName="deployer", Path=path, AssumeRolePolicyDocument=json.dumps(_TRUST), **extra)["Role"]["Arn"]
    for arn in made:
        core.attach_role_policy(RoleName="deployer", PolicyArn=arn)
    sts: Any = session.client("sts")
    keys = sts.assume_role(RoleArn=role, RoleSessionName="ci")["Credentials"]
    assumed = new_session()
    assumed._session.set_credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])  # type: ignore[attr-defined]
    return role, assumed

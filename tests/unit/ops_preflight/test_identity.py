"""Who asks: every form of an ARN, a region that is off, keys that end soon."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from modules.common.errors import HubError
from modules.ops.preflight.caller import Caller, caller, principal_arn, read_caller
from modules.ops.preflight.identity import _ending, _root, check_identity
from tests.unit.ops_aws.support import ACCOUNT, refusal
from tests.unit.ops_preflight.conftest import assume, make_context

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("resource", "kind", "name", "shown"),
    [
        ("iam::1:user/ada", "user", "ada", "user/ada"),
        ("iam::1:user/team/ada", "user", "ada", "user/team/ada"),
        ("sts::1:assumed-role/deployer/ci", "role", "deployer", "role/deployer (session ci)"),
        ("iam::1:root", "root", "", "the account's root user"),
        ("sts::1:federated-user/bob", "federated", "bob", "federated-user/bob"),
    ],
)
def test_every_form_of_a_caller(resource: str, kind: str, name: str, shown: str) -> None:
    found = read_caller(f"arn:aws:{resource}", "1")
    assert (found.kind, found.name, found.shown) == (kind, name, shown)


def test_a_session_is_traced_to_its_role_with_the_path(session: boto3.Session) -> None:
    role, assumed = assume(session, path="/aws-reserved/sso.amazonaws.com/")
    context = make_context(assumed)
    assert caller(context).arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/ci"
    assert principal_arn(context, caller(context)) == role


def test_a_role_that_may_not_be_looked_up(session: boto3.Session) -> None:
    with pytest.raises(HubError, match="could not look up role gone"):
        principal_arn(make_context(session), Caller(f"arn:aws:sts::{ACCOUNT}:assumed-role/gone/ci", ACCOUNT, "role", "gone"))


def test_nothing_to_say(session: boto3.Session) -> None:
    answer = check_identity(make_context(session))
    assert (answer.said, list(answer.findings)) == (f"user/moto in account {ACCOUNT}", [])
    assert check_identity(make_context(session, is_rehearsal=True)).said.startswith("the rehearsal's account")


def test_a_region_that_is_off(session: boto3.Session) -> None:
    (finding,) = check_identity(make_context(session, region="me-south-1", network={"azs": ["a", "b"]})).findings
    assert (finding.severity, finding.where) == ("error", "region")
    assert finding.what == "me-south-1 is not enabled for this account"
    assert "aws account enable-region --region-name me-south-1" in finding.fix


def test_regions_that_may_not_be_listed(session: boto3.Session) -> None:
    def refuse(**_: Any) -> None:
        raise refusal("UnauthorizedOperation", "DescribeRegions", 403)

    session.events.register("before-call.ec2.DescribeRegions", refuse)
    with pytest.raises(HubError, match="could not ask which regions this account uses"):
        check_identity(make_context(session))


@pytest.mark.parametrize(
    ("ends", "key", "said"),
    [
        ("2026-11-21T12:20:00Z", "AKIA", "these keys end in 20 minutes, and a first install takes about half an hour"),
        ("2026-11-21T13:59:00+01:00", "AKIA", "these keys end in 59 minutes, and a first install takes about half an hour"),
        ("2026-11-21T11:00:00", "AKIA", "these keys end in 0 minutes, and a first install takes about half an hour"),
        ("2026-11-21T13:00:00Z", "AKIA", None),
        ("2026-11-21T12:20:00Z", "", None),
        ("soon", "AKIA", None),
        ("", "AKIA", None),
    ],
)
def test_keys_that_end_soon(ends: str, key: str, said: str | None) -> None:
    found = list(_ending({"AWS_CREDENTIAL_EXPIRATION": ends, "AWS_ACCESS_KEY_ID": key}, NOW))
    assert [each.what for each in found] == ([said] if said else [])
    assert all(each.severity == "note" for each in found)


def test_root_is_remarked_upon() -> None:
    (finding,) = _root(read_caller("arn:aws:iam::1:root", "1"))
    assert (finding.severity, finding.what) == ("note", "these are the root user's keys")

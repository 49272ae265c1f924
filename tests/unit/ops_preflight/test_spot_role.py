"""Spot's service-linked role: there, missing, made by an install, refused, made by somebody else meanwhile."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from modules.common.errors import HubError
from modules.ops.preflight.spot_role import check_spot_role, make_spot_role, spot_users
from tests.unit.ops_aws.support import make_config, refusal
from tests.unit.ops_preflight.conftest import make_context

POOL = {"pools": {"default": {"families": ["m5"], "sizes": ["xlarge"], "capacity": ["spot", "on-demand"]}}}
GROUP = {"node_groups": {"work": {"instance_types": ["m5.xlarge"], "capacity": "spot"}}}


@pytest.mark.parametrize(
    ("changes", "users"), [({}, ()), (POOL, ("pools.default",)), (POOL | GROUP, ("pools.default", "node_groups.work"))]
)
def test_who_may_use_spot(changes: dict[str, Any], users: tuple[str, ...]) -> None:
    assert spot_users(make_config(**changes)) == users


def test_nothing_is_asked_where_nothing_uses_spot(session: boto3.Session) -> None:
    context = make_context(session)
    assert check_spot_role(context).said == "nothing uses spot"
    assert make_spot_role(context) == ""


def test_missing_is_a_note_that_the_install_makes_true(session: boto3.Session) -> None:
    (finding,) = check_spot_role(make_context(session, **POOL)).findings
    assert (finding.severity, finding.where) == ("note", "pools.default")
    assert finding.fix == "the install makes it; by hand: aws iam create-service-linked-role --aws-service-name spot.amazonaws.com"
    install = make_context(session, may_create=True, **POOL)
    assert (check_spot_role(install).said, check_spot_role(install).findings) == (
        "AWSServiceRoleForEC2Spot is made next, for pools.default",
        (),
    )
    assert make_spot_role(install) == "made AWSServiceRoleForEC2Spot; it belongs to the account and stays"
    assert make_spot_role(install) == ""
    assert check_spot_role(make_context(session, **GROUP)).said == "AWSServiceRoleForEC2Spot is there, for node_groups.work"


@pytest.mark.parametrize(
    ("code", "words", "fix"),
    [
        (
            "AccessDenied",
            "spot nodes need AWSServiceRoleForEC2Spot, which this account lacks and these credentials may not create",
            "an administrator runs once: aws iam create-service-linked-role --aws-service-name spot.amazonaws.com",
        ),
        ("ServiceFailure", "could not create AWSServiceRoleForEC2Spot", ""),
    ],
)
def test_refused(session: boto3.Session, code: str, words: str, fix: str) -> None:
    def refuse(**_: Any) -> None:
        raise refusal(code, "CreateServiceLinkedRole", 403)

    session.events.register("before-call.iam.CreateServiceLinkedRole", refuse)
    with pytest.raises(HubError) as caught:
        make_spot_role(make_context(session, **POOL))
    assert words in caught.value.what
    assert fix in caught.value.fix


def test_another_install_was_quicker(session: boto3.Session) -> None:
    def meanwhile(**_: Any) -> None:
        other: Any = boto3.Session(region_name="us-east-2").client("iam")
        other.create_service_linked_role(AWSServiceName="spot.amazonaws.com")
        raise refusal("InvalidInput", "CreateServiceLinkedRole", message="Service role name has been taken in this account")

    session.events.register("before-call.iam.CreateServiceLinkedRole", meanwhile)
    assert make_spot_role(make_context(session, **POOL)) == ""


def test_who_may_not_look_learns_why(session: boto3.Session) -> None:
    def refuse(**_: Any) -> None:
        raise refusal("AccessDenied", "GetRole", 403)

    session.events.register("before-call.iam.GetRole", refuse)
    with pytest.raises(HubError, match="could not look for AWSServiceRoleForEC2Spot"):
        check_spot_role(make_context(session, **POOL))

"""Permissions against roles that moto keeps and the rehearsal's simulator judges: all of it, a part, denied, bounded, nobody's."""

from __future__ import annotations

import re
from typing import Any

import boto3
import pytest

from modules.common.errors import HubError
from modules.iam.document import allow, deny, document, merge
from modules.iam.provisioning import provisioning_policies
from modules.ops.preflight import permissions
from modules.ops.preflight.caller import read_caller
from modules.ops.preflight.check import Finding
from modules.ops.preflight.permissions import check_permissions
from tests.unit.ops_aws.support import ACCOUNT, make_config, refusal
from tests.unit.ops_preflight.conftest import assume, make_context

CONFIG: Any = make_config()
POLICIES = provisioning_policies(CONFIG)
#: Three of the policies stand for all of them, which would be asked about for seconds; what is in them is test_questions' matter.
SOME = {name: POLICIES[name] for name in ("identity", "names", "storage")}
EVERYTHING = document(allow("All", "*", "*"))
DENY_BUCKETS = document(deny("No", ("s3:CreateBucket", "s3:PutBucketPolicy"), "*"))
ONLY_HERE = document(allow("Here", "*", "*", conditions={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "provisioning_policy", lambda config: merge(SOME.values()))


def found(session: boto3.Session, *policies: Any, boundary: Any = None) -> tuple[str, list[Finding]]:
    answer = check_permissions(make_context(assume(session, *policies, boundary=boundary)[1]))
    return answer.said, list(answer.findings)


@pytest.mark.parametrize(
    "policies",
    [
        [EVERYTHING],
        list(SOME.values()),
        [document(allow("Some", ["iam:*", "s3:*", "dynamodb:*", "acm:*", "route53:*", "cognito-idp:*"], "*"))],
    ],
)
def test_green(session: boto3.Session, policies: list[Any]) -> None:
    said, findings = found(session, *policies)
    assert findings == []
    assert said.endswith(" actions")


def test_the_rehearsal_s_own_caller_may_do_everything(session: boto3.Session) -> None:
    assert list(check_permissions(make_context(session)).findings) == []


@pytest.mark.parametrize(
    ("policies", "boundary", "what", "fix"),
    [
        pytest.param(
            [SOME["identity"], SOME["names"]], None, r"no policy allows all \d+ of dynamodb, all \d+ of s3$", "", id="a-policy-not-attached"
        ),
        pytest.param(
            [EVERYTHING, DENY_BUCKETS],
            None,
            "2 actions not allowed: a policy denies s3 CreateBucket PutBucketPolicy",
            "what is denied, whoever wrote that policy has to let through",
            id="denied",
        ),
        pytest.param(
            [EVERYTHING],
            merge([EVERYTHING, document(deny("No", "iam:CreateRole", "*"))]),
            "1 action not allowed: the permissions boundary does not let them iam CreateRole",
            "",
            id="bounded",
        ),
        pytest.param(
            [document(allow("Almost", ["iam:*", "s3:*", "dynamodb:*", "route53:*", "cognito-idp:*", "acm:D*", "acm:L*", "acm:R*"], "*"))],
            None,
            "1 action not allowed: no policy allows acm AddTagsToCertificate",
            "",
            id="one",
        ),
    ],
)
def test_red_in_one_finding(session: boto3.Session, policies: list[Any], boundary: Any, what: str, fix: str) -> None:
    _, (finding,) = found(session, *policies, boundary=boundary)
    assert (finding.severity, finding.where) == ("error", "credentials")
    assert re.search(what, finding.what), finding.what
    assert finding.fix.startswith("./hub iam-policy lab prints the policy to attach to role/deployer, or to a role that installs")
    assert fix in finding.fix


def test_what_depends_on_the_caller_s_address_is_a_note(session: boto3.Session) -> None:
    _, (finding,) = found(session, ONLY_HERE)
    assert finding.severity == "note"
    assert finding.what.startswith("it depends on who asks from where, which no simulation knows: all ")


@pytest.mark.parametrize(
    ("resource", "what"),
    [
        (
            "iam::1:root",
            "the account's root user: the root user may do everything that the organization allows, so there is nothing to simulate",
        ),
        ("sts::1:federated-user/bob", "federated-user/bob: a federated user has no policies of its own, so there is nothing to simulate"),
    ],
)
def test_who_has_no_policies_is_passed_over(session: boto3.Session, monkeypatch: pytest.MonkeyPatch, resource: str, what: str) -> None:
    monkeypatch.setattr(permissions, "caller", lambda context: read_caller(f"arn:aws:{resource}", ACCOUNT))
    (finding,) = check_permissions(make_context(session)).findings
    assert (finding.severity, finding.what) == ("note", what)


def test_who_may_not_ask_is_not_red(session: boto3.Session) -> None:
    def refuse(**_: Any) -> None:
        raise refusal("AccessDenied", "SimulatePrincipalPolicy", 403)

    session.events.register("before-call.iam.SimulatePrincipalPolicy", refuse)
    with pytest.raises(HubError, match="could not ask IAM what these credentials may do: these credentials may not do that"):
        check_permissions(make_context(session))

"""Talking to the simulator: two rounds, batches, actions it will not take together, and each reason why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.ops.preflight.questions import Question
from modules.ops.preflight.simulation import Simulator
from tests.unit.ops_aws.support import refusal

VPC = "arn:aws:ec2:us-east-2:1:vpc/preflight"


class Fake:
    """IAM, answering by a function of action, resource and context."""

    def __init__(self, judge: Callable[[str, str, dict[str, str]], dict[str, Any] | str]) -> None:
        self.judge = judge
        self.calls: list[tuple[list[str], list[str]]] = []

    def can_paginate(self, _: str) -> bool:
        return False

    def simulate_principal_policy(self, **asked: Any) -> dict[str, Any]:
        self.calls.append((asked["ActionNames"], asked["ResourceArns"]))
        context = {each["ContextKeyName"]: each["ContextKeyValues"][0] for each in asked["ContextEntries"]}
        results = []
        for action in asked["ActionNames"]:
            for resource in asked["ResourceArns"]:
                said = self.judge(action, resource, context)
                said = {"EvalDecision": said} if isinstance(said, str) else said
                results.append({"EvalActionName": action, "EvalResourceName": resource, **said})
        return {"EvaluationResults": results}


def lacking(judge: Callable[[str, str, dict[str, str]], dict[str, Any] | str], *asked: Question) -> tuple[dict[str, str], Fake]:
    fake = Fake(judge)
    return dict(Simulator(fake, "arn:aws:iam::1:role/x", (("aws:RequestedRegion", "string", "us-east-2"),)).lacking(asked)), fake


def test_an_administrator_is_settled_in_one_round() -> None:
    found, fake = lacking(lambda *_: "allowed", *(Question((f"ec2:A{number}",), (VPC,)) for number in range(250)))
    assert found == {}
    assert [len(actions) for actions, _ in fake.calls] == [100, 100, 50]
    assert {resources[0] for _, resources in fake.calls} == {"*"}


def test_what_is_denied_on_everything_is_asked_again_with_arn_and_conditions() -> None:
    def scoped(action: str, resource: str, context: dict[str, str]) -> str:
        return "allowed" if (resource, context.get("tag")) == (VPC, "ours") else "implicitDeny"

    asked = (Question(("ec2:A",), (VPC,), (("tag", "string", "ours"),)), Question(("ec2:B",), (VPC,)))
    assert lacking(scoped, *asked)[0] == {"ec2:B": "missing"}


def test_a_condition_of_the_question_wins_over_what_every_request_carries() -> None:
    seen: list[str] = []

    def judge(action: str, resource: str, context: dict[str, str]) -> str:
        seen.append("|".join(f"{key}={value}" for key, value in context.items()))
        return "implicitDeny"

    lacking(judge, Question(("ec2:A",), (VPC,), (("aws:requestedregion", "string", "eu-west-1"),)))
    assert seen == ["aws:RequestedRegion=us-east-2", "aws:requestedregion=eu-west-1"]


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("implicitDeny", "missing"),
        ("explicitDeny", "denied"),
        ({"EvalDecision": "implicitDeny", "MissingContextValues": ["ec2:ResourceTag/x"]}, "missing"),
        ({"EvalDecision": "explicitDeny", "MissingContextValues": ["aws:SourceIp"]}, "depends"),
        ({"EvalDecision": "implicitDeny", "MissingContextValues": ["aws:PrincipalTag/team"]}, "depends"),
        ({"EvalDecision": "explicitDeny", "OrganizationsDecisionDetail": {"AllowedByOrganizations": False}}, "organization"),
        ({"EvalDecision": "implicitDeny", "PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False}}, "boundary"),
        ({"EvalDecision": "implicitDeny", "OrganizationsDecisionDetail": {"AllowedByOrganizations": True}}, "missing"),
        (
            {
                "EvalDecision": "implicitDeny",
                "ResourceSpecificResults": [{"EvalResourceName": VPC, "EvalResourceDecision": "allowed"}],
            },
            None,
        ),
    ],
)
def test_every_reason(said: dict[str, Any] | str, verdict: str | None) -> None:
    found, _ = lacking(lambda *_: said, Question(("ec2:A",), (VPC,)))
    assert found == ({"ec2:A": verdict} if verdict else {})


def test_any_arn_of_a_question_will_do_and_the_worst_question_counts() -> None:
    subnet = VPC.replace("vpc/", "subnet/")
    asked = (Question(("ec2:A", "ec2:B"), (VPC, subnet)), Question(("ec2:A",), ("arn:x",)))
    assert lacking(lambda action, resource, _: "allowed" if resource == VPC else "explicitDeny", *asked)[0] == {"ec2:A": "denied"}


@pytest.mark.parametrize("named", [True, False])
def test_actions_that_it_will_not_take_together(named: bool) -> None:
    class Picky(Fake):
        def simulate_principal_policy(self, **asked: Any) -> dict[str, Any]:
            pass_role = [name for name in asked["ActionNames"] if name == "iam:PassRole"]
            others = [name for name in asked["ActionNames"] if name != "iam:PassRole"]
            if pass_role and others:
                words = f"[{','.join(others)}] and [iam:PassRole]" if named else "some of them"
                message = f"Invalid Input Actions: {words} require different authorization information."
                raise refusal("InvalidInput", "SimulatePrincipalPolicy", message=message)
            return super().simulate_principal_policy(**asked)

    fake = Picky(lambda action, *_: "implicitDeny" if action == "s3:B" else "allowed")
    assert Simulator(fake, "arn:aws:iam::1:role/x").lacking([Question(("s3:A", "iam:PassRole", "s3:B"), ("*",))]) == {"s3:B": "missing"}


@pytest.mark.parametrize("code", ["InvalidInput", "AccessDenied"])
def test_a_refusal_of_everything_is_an_error(code: str) -> None:
    class Refusing(Fake):
        def simulate_principal_policy(self, **asked: Any) -> dict[str, Any]:
            raise refusal(code, "SimulatePrincipalPolicy", message="Invalid Entity Arn")

    with pytest.raises(HubError, match="could not ask IAM what these credentials may do"):
        Simulator(Refusing(lambda *_: "allowed"), "x").lacking([Question(("ec2:A",), (VPC,))])


def test_what_it_will_not_say_of_one_arn_is_unknown() -> None:
    class Refusing(Fake):
        def simulate_principal_policy(self, **asked: Any) -> dict[str, Any]:
            if asked["ResourceArns"] != ["*"]:
                raise refusal("InvalidInput", "SimulatePrincipalPolicy", message="Invalid Input for this resource")
            return super().simulate_principal_policy(**asked)

    assert Simulator(Refusing(lambda *_: "implicitDeny"), "x").lacking([Question(("ec2:A",), (VPC,))]) == {"ec2:A": "unknown"}

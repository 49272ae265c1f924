"""The rehearsal's policy simulator: order of evaluation, wildcards, conditions, and whom it knows."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from modules.rehearsal.emulator import iam
from modules.rehearsal.emulator.iam_evaluate import Policies, Request, decide
from tests.unit.ops_aws.support import ACCOUNT, new_session

VPC = "arn:aws:ec2:us-east-2:1:vpc/v"


def policy(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": {"Effect": effect, **({"Action": "*", "Resource": "*"} | elements)}}


@pytest.mark.parametrize(
    ("policies", "word"),
    [
        ([], "implicitDeny"),
        ([policy()], "allowed"),
        ([policy(Action="ec2:create*")], "allowed"),
        ([policy(Action=["s3:*"])], "implicitDeny"),
        ([{"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]}], "allowed"),
        ([{"Statement": [{"Effect": "Allow", "NotAction": "ec2:*", "Resource": "*"}]}], "implicitDeny"),
        ([{"Statement": [{"Effect": "Allow", "Action": "*", "NotResource": VPC}]}], "implicitDeny"),
        ([policy(Resource="arn:aws:ec2:*:*:vpc/?")], "allowed"),
        ([policy(Resource="arn:aws:ec2:*:*:subnet/*")], "implicitDeny"),
        ([policy(), policy("Deny", Action="ec2:CreateVpc")], "explicitDeny"),
        ([policy(Condition={"StringEquals": {"AWS:RequestTag/x": ["a", "b"]}})], "allowed"),
        ([policy(Condition={"StringEquals": {"aws:RequestTag/x": "c"}})], "implicitDeny"),
        ([policy(Condition={"StringEquals": {"aws:Unknown": "c"}})], "implicitDeny"),
        ([policy(Condition={"StringEqualsIfExists": {"aws:Unknown": "c"}})], "allowed"),
        ([policy(Condition={"StringNotEquals": {"aws:Unknown": "c"}})], "allowed"),
        ([policy(Condition={"StringNotLike": {"aws:RequestTag/x": "a*"}})], "implicitDeny"),
        ([policy(Condition={"ForAllValues:StringLike": {"names": "*.lab"}})], "implicitDeny"),
        ([policy(Condition={"ForAllValues:StringLike": {"names": ["*.lab", "*.org"]}})], "allowed"),
        ([policy(Condition={"ForAnyValue:StringLike": {"names": "*.lab"}})], "allowed"),
        ([policy(Condition={"Null": {"aws:Unknown": "true"}})], "allowed"),
        ([policy(Condition={"Null": {"aws:Unknown": "false"}})], "implicitDeny"),
        ([policy(Condition={"IpAddress": {"aws:RequestTag/x": "10.0.0.0/8"}})], "implicitDeny"),
    ],
)
def test_decisions(policies: list[dict[str, Any]], word: str) -> None:
    request = Request("ec2:CreateVpc", VPC, {"aws:requesttag/x": ["a"], "names": ["hub.lab", "hub.org"]})
    assert decide(Policies(policies), request).word == word


def test_a_boundary_takes_away_and_gives_nothing() -> None:
    request = Request("ec2:CreateVpc", VPC, {})
    outside = decide(Policies([policy()], policy(Action="s3:*")), request)
    assert (outside.word, outside.within_boundary) == ("implicitDeny", False)
    assert decide(Policies([], policy()), request).word == "implicitDeny"


def test_keys_that_policies_ask_for_are_named() -> None:
    asked = policy(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1", "here": "x"}})
    assert decide(Policies([asked]), Request("ec2:CreateVpc", VPC, {"here": ["x"]})).unknown == {"aws:SourceVpc"}


def test_a_user_has_the_policies_of_its_groups() -> None:
    iam.install()
    with mock_aws():
        core: Any = new_session().client("iam")
        user = core.create_user(UserName="ada")["User"]["Arn"]
        core.create_group(GroupName="team")
        core.add_user_to_group(GroupName="team", UserName="ada")
        core.put_group_policy(GroupName="team", PolicyName="p", PolicyDocument=json.dumps(policy(Action="ec2:*")))
        answer = core.simulate_principal_policy(PolicySourceArn=user, ActionNames=["ec2:RunInstances", "s3:GetObject"])
        assert [(each["EvalActionName"], each["EvalDecision"]) for each in answer["EvaluationResults"]] == [
            ("ec2:RunInstances", "allowed"),
            ("s3:GetObject", "implicitDeny"),
        ]


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        (f"arn:aws:iam::{ACCOUNT}:role/nobody", "NoSuchEntity"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/ci", "InvalidInput"),
        (f"arn:aws:sts::{ACCOUNT}:user/moto", None),
    ],
)
def test_whom_it_knows(arn: str, code: str | None) -> None:
    iam.install()
    with mock_aws():
        core: Any = boto3.Session(region_name="us-east-2").client("iam", aws_access_key_id="a", aws_secret_access_key="b")
        if code is None:
            answer = core.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["iam:CreateRole"])
            assert answer["EvaluationResults"][0]["EvalDecision"] == "allowed"
            return
        with pytest.raises(ClientError) as caught:
            core.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["iam:CreateRole"])
        assert caught.value.response["Error"]["Code"] == code

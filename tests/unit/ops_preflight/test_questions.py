"""The provisioning policy as questions: samples for stars, statements alike asked together, and yes to who holds the policy."""

from __future__ import annotations

from typing import Any

import pytest

from modules.config.load import load_env
from modules.iam.provisioning import actions, provisioning_policy
from modules.ops.preflight.questions import Question, questions
from modules.rehearsal.emulator.iam_evaluate import Policies, Request, decide
from tests._support.policies import ROOT, env_names


@pytest.mark.parametrize(
    ("statement", "question"),
    [
        ({"Action": "tag:GetResources", "Resource": "*"}, Question(("tag:GetResources",), ("*",))),
        (
            {"Action": ["ec2:A", "ec2:B"], "Resource": ["arn:aws:ec2:r:*:vpc/*", "arn:aws:ec2:r::image/*"]},
            Question(("ec2:A", "ec2:B"), ("arn:aws:ec2:r:42:vpc/preflight", "arn:aws:ec2:r::image/preflight")),
        ),
        (
            {"Action": "iam:PassRole", "Resource": "*", "Condition": {"StringEquals": {"iam:PassedToService": ["eks", "ec2"]}}},
            Question(("iam:PassRole",), ("*",), (("iam:PassedToService", "string", "eks"),)),
        ),
        (
            {"Action": "kms:A", "Resource": "*", "Condition": {"Bool": {"k": "true"}, "ArnLike": {"p": ["arn:aws:iam::*:policy/x/*"]}}},
            Question(("kms:A",), ("*",), (("k", "boolean", "true"), ("p", "string", "arn:aws:iam::42:policy/x/preflight"))),
        ),
        (
            {"Action": "route53:A", "Resource": "*", "Condition": {"ForAllValues:StringLike": {"n": ["*.lab"]}}},
            Question(("route53:A",), ("*",), (("n", "stringList", "preflight.lab"),)),
        ),
    ],
)
def test_a_statement_is_a_question(statement: dict[str, Any], question: Question) -> None:
    assert questions([statement], "42") == (question,)


def test_statements_alike_are_asked_about_together() -> None:
    found = questions([{"Action": "a:A", "Resource": "*"}, {"Action": ["a:B", "a:A"], "Resource": "*"}], "42")
    assert found == (Question(("a:A", "a:B"), ("*",)),)


@pytest.mark.parametrize("env", env_names())
def test_who_holds_the_policy_hears_yes_to_everything(env: str) -> None:
    config = load_env(ROOT, env, judged=False)
    policy = provisioning_policy(config)
    asked = questions(policy["Statement"], "123456789012")
    assert {action for each in asked for action in each.actions} == set(actions(config))
    held = Policies([policy])
    refused = [
        (action, resource)
        for each in asked
        for action in each.actions
        for resource in each.resources
        if decide(held, Request(action, resource, {key.lower(): [value] for key, _, value in each.context})).word != "allowed"
    ]
    assert refused == []

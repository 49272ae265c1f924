"""Who may become a role: each row is one way of asking, and the condition it must give."""

from __future__ import annotations

import json
from typing import Any

import pytest

from modules.iam import app, trust
from modules.iam.document import TRUST_POLICY_MAX, Document, size
from tests._support.policies import ACCOUNT, CLUSTER, ISSUER, PROVIDER, Role, trust_policies

TOKEN = "${TfToken[TOKEN.7]}"


def only(made: Document) -> dict[str, Any]:
    """The one statement of a document."""
    assert made["Version"] == "2012-10-17"
    assert len(made["Statement"]) == 1
    statement: dict[str, Any] = made["Statement"][0]
    return statement


def exact(subject: str | list[str], issuer: str = ISSUER) -> dict[str, Any]:
    return {"StringEquals": {f"{issuer}:sub": subject, f"{issuer}:aud": "sts.amazonaws.com"}}


@pytest.mark.parametrize(
    ("made", "condition"),
    [
        (
            trust.irsa(provider_arn=PROVIDER, issuer=ISSUER, namespace="kube-system", service_account="aws-node"),
            exact("system:serviceaccount:kube-system:aws-node"),
        ),
        (trust.irsa_many(PROVIDER, ISSUER, ["a:b"]), exact("system:serviceaccount:a:b")),
        (trust.irsa_many(PROVIDER, ISSUER, ["a:b", "c:d"]), exact(["system:serviceaccount:a:b", "system:serviceaccount:c:d"])),
        (trust.irsa_many(PROVIDER, TOKEN, ["a:b"]), exact("system:serviceaccount:a:b", TOKEN)),
        (
            trust.irsa_pattern(PROVIDER, ISSUER, ["a:user-*"]),
            {
                "StringLike": {f"{ISSUER}:sub": "system:serviceaccount:a:user-*"},
                "StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com"},
            },
        ),
    ],
)
def test_service_accounts(made: Document, condition: dict[str, Any]) -> None:
    statement = only(made)
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Principal"] == {"Federated": PROVIDER}
    assert statement["Condition"] == condition


@pytest.mark.parametrize("subjects", [[], ["a:*"], ["a:b", "*:c"]])
def test_an_exact_trust_takes_no_pattern_and_not_nobody(subjects: list[str]) -> None:
    with pytest.raises(ValueError, match=r"irsa_pattern|at least one"):
        trust.irsa_many(PROVIDER, ISSUER, subjects)


@pytest.mark.parametrize(
    ("role", "test"),
    [
        (Role(("a:b",)), "StringEquals"),
        (Role(("a:b",), allow_patterns=True), "StringEquals"),
        (Role(("a:b-*",), allow_patterns=True), "StringLike"),
    ],
)
def test_an_application_role_is_exact_unless_it_must_not_be(role: Role, test: str) -> None:
    condition = only(app.role_trust(role, provider_arn=PROVIDER, issuer=ISSUER))["Condition"]
    assert f"{ISSUER}:sub" in condition[test]


def test_a_pattern_nobody_allowed_is_refused() -> None:
    with pytest.raises(ValueError, match="irsa_pattern"):
        app.role_trust(Role(("a:b-*",)), provider_arn=PROVIDER, issuer=ISSUER)


def test_pod_identity_names_namespace_account_and_cluster() -> None:
    statement = only(trust.pod_identity(namespace="a", service_account="b", cluster_arn=CLUSTER))
    assert statement["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert statement["Condition"] == {
        "StringEquals": {
            "aws:RequestTag/kubernetes-namespace": "a",
            "aws:RequestTag/kubernetes-service-account": "b",
            "aws:RequestTag/eks-cluster-arn": CLUSTER,
        }
    }


@pytest.mark.parametrize(
    ("options", "condition"),
    [
        ({}, None),
        ({"source_account": ACCOUNT}, {"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
        ({"source_arn": "arn:x"}, {"ArnLike": {"aws:SourceArn": "arn:x"}}),
        (
            {"source_account": ACCOUNT, "source_arn": ["arn:x", "arn:y"]},
            {"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnLike": {"aws:SourceArn": ["arn:x", "arn:y"]}},
        ),
    ],
)
def test_services(options: dict[str, Any], condition: dict[str, Any] | None) -> None:
    statement = only(trust.service("eks.amazonaws.com", **options))
    assert statement["Principal"] == {"Service": "eks.amazonaws.com"}
    assert statement.get("Condition") == condition


@pytest.mark.parametrize(("suffix", "principal"), [("amazonaws.com", "ec2.amazonaws.com"), ("amazonaws.com.cn", "ec2.amazonaws.com.cn")])
def test_ec2_by_partition(suffix: str, principal: str) -> None:
    assert only(trust.ec2(suffix))["Principal"] == {"Service": principal}


@pytest.mark.parametrize(
    ("where", "subject"),
    [
        ({"environment": "prod"}, "repo:owner/hub:environment:prod"),
        ({"ref": "refs/heads/main"}, "repo:owner/hub:ref:refs/heads/main"),
        ({}, "repo:owner/hub:pull_request"),
    ],
)
def test_github_names_one_subject(where: dict[str, str], subject: str) -> None:
    condition = only(trust.github_oidc(provider_arn=PROVIDER, repository="owner/hub", **where))["Condition"]
    assert condition == exact(subject, "token.actions.githubusercontent.com")


def test_github_takes_one_place() -> None:
    with pytest.raises(ValueError, match="never both"):
        trust.github_oidc(provider_arn=PROVIDER, repository="o/r", environment="prod", ref="refs/heads/main")


@pytest.mark.parametrize(
    ("arns", "tags", "principal", "action"),
    [
        (["arn:a"], False, "arn:a", "sts:AssumeRole"),
        (["arn:a", "arn:b"], True, ["arn:a", "arn:b"], ["sts:AssumeRole", "sts:TagSession"]),
    ],
)
def test_principals(arns: list[str], tags: bool, principal: Any, action: Any) -> None:
    statement = only(trust.principals(arns, session_tags=tags))
    assert (statement["Principal"]["AWS"], statement["Action"]) == (principal, action)


@pytest.mark.parametrize("name", trust_policies())
def test_a_trust_policy_names_no_resource_and_fits(name: str) -> None:
    made = trust_policies()[name]
    assert all("Resource" not in statement for statement in made["Statement"])
    assert size(made) <= TRUST_POLICY_MAX
    assert "*" not in json.dumps([statement["Principal"] for statement in made["Statement"]])

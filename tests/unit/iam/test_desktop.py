"""Desktops: who may become the agent's role, what it may do then, and what the provisioning role may do about desktops."""

from __future__ import annotations

from typing import Any

import pytest

from modules.common.names import parameter_prefix
from modules.config.load import load_env
from modules.config.models import HubConfig
from modules.iam import desktop, trust
from modules.iam.document import INLINE_POLICIES_MAX, Document, merge, size
from modules.iam.provisioning import provisioning_policies, provisioning_policy
from tests._support.config_cases import BASES
from tests._support.evidence import Evidence
from tests._support.iam_evaluate import allows, assumes
from tests._support.policies import ACCOUNT, AGENT_TRUST, ISSUER, KEY, PROVIDER, REGION, ROOT, SECRETS, agent_policy

SUBJECT, AUDIENCE = "system:serviceaccount:dcv:dcv-agent-src-account", "sts.amazonaws.com"
OTHER_ISSUER = f"oidc.eks.{REGION}.amazonaws.com/id/FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
OTHER_PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{OTHER_ISSUER}"
#: What the seed wrote: any service account of any namespace, and no word of the audience.
SEED_TRUST = {
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Federated": PROVIDER},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringLike": {f"{ISSUER}:sub": "system:serviceaccount:*"}},
        }
    ]
}
STRANGERS: list[tuple[str, str, str, str]] = [
    ("another service account", "system:serviceaccount:dcv:default", AUDIENCE, ISSUER),
    ("one that starts alike", f"{SUBJECT}-2", AUDIENCE, ISSUER),
    ("another namespace", "system:serviceaccount:jupyterhub:dcv-agent-src-account", AUDIENCE, ISSUER),
    ("a namespace that starts alike", "system:serviceaccount:dcv2:dcv-agent-src-account", AUDIENCE, ISSUER),
    ("a pattern", "system:serviceaccount:dcv:*", AUDIENCE, ISSUER),
    ("a pattern of everything", "*", AUDIENCE, ISSUER),
    ("other capitals", SUBJECT.replace("dcv:", "DCV:"), AUDIENCE, ISSUER),
    ("another audience", SUBJECT, "https://kubernetes.default.svc", ISSUER),
    ("no audience", SUBJECT, "", ISSUER),
    ("another cluster's token", SUBJECT, AUDIENCE, OTHER_ISSUER),
]


def _token(subject: str, audience: str) -> dict[str, str]:
    return {"sub": subject, **({"aud": audience} if audience else {})}


def test_the_agent_becomes_its_role() -> None:
    assert assumes(AGENT_TRUST, PROVIDER, _token(SUBJECT, AUDIENCE), ISSUER)


@pytest.mark.parametrize(("who", "subject", "audience", "issuer"), STRANGERS, ids=[row[0] for row in STRANGERS])
def test_nobody_else_becomes_the_agent_s_role(who: str, subject: str, audience: str, issuer: str, evidence: Evidence) -> None:
    assert not assumes(AGENT_TRUST, PROVIDER, _token(subject, audience), issuer), who
    evidence.record(
        "the desktop agent's role is refused to every other service account", "asserted", "exact evaluation of its trust policy"
    )


def test_a_right_token_of_a_provider_nobody_named_is_refused() -> None:
    assert not assumes(AGENT_TRUST, OTHER_PROVIDER, _token(SUBJECT, AUDIENCE), ISSUER)


def test_the_evaluation_sees_what_was_wrong_with_the_seed() -> None:
    """Else the refusals above would prove nothing."""
    assert assumes(SEED_TRUST, PROVIDER, _token("system:serviceaccount:jupyterhub:default", ""), ISSUER)
    assert not assumes({"Statement": []}, PROVIDER, _token(SUBJECT, AUDIENCE), ISSUER)
    pattern = trust.irsa_pattern(PROVIDER, ISSUER, ["dcv:*"])
    assert assumes(pattern, PROVIDER, _token("system:serviceaccount:dcv:default", AUDIENCE), ISSUER)


def ssm(name: str, account: str = ACCOUNT, region: str = REGION) -> str:
    return f"arn:aws:ssm:{region}:{account}:parameter{name}"


AGENT = agent_policy()
OURS = "/hubsmith/demo/dcv"
USER, PASSWORD = SECRETS
VIA = f"secretsmanager.{REGION}.amazonaws.com"


def key_of(secret: str, via: str = VIA) -> dict[str, str]:
    return {"kms:ViaService": via, "kms:EncryptionContext:SecretARN": secret}


@pytest.mark.parametrize(
    ("action", "resource", "context", "allowed"),
    [
        ("secretsmanager:GetSecretValue", USER, {}, True),
        ("secretsmanager:DescribeSecret", PASSWORD, {}, True),
        ("secretsmanager:GetSecretValue", USER.replace("aB3dE6", "zZ9zZ9"), {}, False),
        ("secretsmanager:GetSecretValue", USER.replace("dcv-cred-user", "dcv-cred-admin"), {}, False),
        ("secretsmanager:GetSecretValue", USER.replace("demo-1a2b3c", "other-1a2b3c"), {}, False),
        ("secretsmanager:GetSecretValue", USER.replace(ACCOUNT, "210987654321"), {}, False),
        ("secretsmanager:PutSecretValue", USER, {}, False),
        ("secretsmanager:ListSecrets", "*", {}, False),
        ("kms:Decrypt", KEY, key_of(USER), True),
        ("kms:Decrypt", KEY, key_of(PASSWORD), True),
        ("kms:Decrypt", KEY, key_of(USER.replace("dcv-cred-user", "hub-cookie-secret")), False),
        ("kms:Decrypt", KEY, key_of(USER, f"s3.{REGION}.amazonaws.com"), False),
        ("kms:Decrypt", KEY, {}, False),
        ("kms:Decrypt", KEY.replace("1111", "2222"), key_of(USER), False),
        ("kms:Encrypt", KEY, key_of(USER), False),
        ("ssm:PutParameter", ssm(f"{OURS}/dcv-display"), {}, True),
        ("ssm:GetParameter", ssm(f"{OURS}/dcv-socket-mount-path"), {}, True),
        ("ssm:PutParameter", ssm(f"{OURS}/dcv-display/ip-10-1-2-3.ec2.internal"), {}, True),
        ("ssm:DeleteParameter", ssm(f"{OURS}/dcv-display/ip-10-1-2-3.ec2.internal"), {}, True),
        ("ssm:PutParameter", ssm(f"{OURS}/other"), {}, False),
        ("ssm:PutParameter", ssm("/hubsmith/demo/dcv2/dcv-display"), {}, False),
        ("ssm:PutParameter", ssm("/hubsmith/other/dcv/dcv-display"), {}, False),
        ("ssm:GetParameter", ssm("/dcv-display"), {}, False),
        ("ssm:GetParameter", ssm(f"{OURS}/dcv-display", account="210987654321"), {}, False),
        ("ssm:GetParameter", ssm(f"{OURS}/dcv-display", region="eu-west-1"), {}, False),
        ("ssm:GetParametersByPath", ssm(OURS), {}, False),
        ("ssm:DescribeParameters", "*", {}, False),
        ("s3:GetObject", "arn:aws:s3:::demo-1a2b3c-shared/x", {}, False),
        ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/x", {}, False),
    ],
)
def test_what_the_agent_may_do(action: str, resource: str, context: dict[str, str], allowed: bool) -> None:
    assert allows(AGENT, action, resource, context) is allowed


@pytest.mark.parametrize(
    ("changed", "sids"),
    [
        ({}, ["ReadCredentials", "DecryptCredentials", "PublishDisplay"]),
        ({"key_arn": None}, ["ReadCredentials", "PublishDisplay"]),
        ({"secret_arns": []}, ["PublishDisplay"]),
        ({"secret_arns": ["${TfToken[TOKEN.1]}"]}, ["ReadCredentials", "DecryptCredentials", "PublishDisplay"]),
    ],
)
def test_nothing_is_asked_for_that_is_not_there(changed: dict[str, Any], sids: list[str]) -> None:
    assert [statement["Sid"] for statement in agent_policy(**changed)["Statement"]] == sids


def test_names_fit_a_role_beside_each_other() -> None:
    long = agent_policy(parameter_prefix=parameter_prefix("p" * 18, "e" * 17, "m" * 40))
    assert size(long) < INLINE_POLICIES_MAX


CHINA = agent_policy(
    partition="aws-cn", region="cn-north-1", secret_arns=[f"arn:aws-cn:secretsmanager:cn-north-1:{ACCOUNT}:secret:x-aB3dE6"]
)


@pytest.mark.parametrize(
    ("policy", "action", "resource", "context"),
    [
        (CHINA, "ssm:PutParameter", f"arn:aws-cn:ssm:cn-north-1:{ACCOUNT}:parameter{OURS}/dcv-display", {}),
        (
            CHINA,
            "kms:Decrypt",
            KEY,
            key_of(f"arn:aws-cn:secretsmanager:cn-north-1:{ACCOUNT}:secret:x-aB3dE6", "secretsmanager.cn-north-1.amazonaws.com.cn"),
        ),
        (
            desktop.licence_policy(partition="aws-cn", region="cn-north-1"),
            "s3:GetObject",
            "arn:aws-cn:s3:::dcv-license.cn-north-1/x",
            {},
        ),
        (
            desktop.licence_policy(partition="aws-us-gov", region="us-gov-west-1"),
            "s3:GetObject",
            "arn:aws-us-gov:s3:::dcv-license.us-gov-west-1/x",
            {},
        ),
    ],
)
def test_other_partitions(policy: Document, action: str, resource: str, context: dict[str, str]) -> None:
    assert allows(policy, action, resource, context)
    assert "arn:aws:ssm" not in str(policy)
    assert "arn:aws:s3" not in str(policy)


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("s3:GetObject", f"arn:aws:s3:::dcv-license.{REGION}/a/b", True),
        ("s3:GetObject", "arn:aws:s3:::dcv-license.eu-west-1/a", False),
        ("s3:GetObject", f"arn:aws:s3:::dcv-license.{REGION}.evil/a", False),
        ("s3:ListBucket", f"arn:aws:s3:::dcv-license.{REGION}", False),
        ("s3:PutObject", f"arn:aws:s3:::dcv-license.{REGION}/a", False),
    ],
)
def test_the_licence_check_reads_one_bucket(action: str, resource: str, allowed: bool) -> None:
    assert allows(desktop.licence_policy(partition="aws", region=REGION), action, resource) is allowed


DEMO = load_env(ROOT, "demo")
assert DEMO.desktop is not None
PREFIX = parameter_prefix(DEMO.desktop.project, DEMO.env, DEMO.desktop.module)
PROVISIONING = provisioning_policy(DEMO)
FOREIGN = provisioning_policy(HubConfig.model_validate({**BASES["existing"], "env": "lab"}))
OWN_NODE = {"aws:ResourceTag/hubsmith:deployment": DEMO.deployment}
THEIR_NODE = {"aws:ResourceTag/kubernetes.io/cluster/theirs": "owned"}
FORWARD = "document/AWS-StartPortForwardingSessionToRemoteHost"


def demo(service: str, resource: str, account: str = "*") -> str:
    return f"arn:aws:{service}:{DEMO.region}:{account}:{resource}"


@pytest.mark.parametrize(
    ("action", "resource", "context", "allowed"),
    [
        ("ssm:PutParameter", demo("ssm", f"parameter{PREFIX}/dcv-display"), {}, True),
        ("ssm:DeleteParameters", demo("ssm", f"parameter{PREFIX}/dcv-display/ip-10-0-0-1"), {}, True),
        ("ssm:GetParametersByPath", demo("ssm", f"parameter{PREFIX}"), {}, True),
        ("ssm:GetParametersByPath", demo("ssm", f"parameter{PREFIX}/dcv-display"), {}, True),
        ("ssm:GetParametersByPath", demo("ssm", "parameter/"), {}, False),
        ("ssm:DeleteParameters", demo("ssm", f"parameter{PREFIX}2/dcv-display"), {}, False),
        ("ssm:DeleteParameters", demo("ssm", "parameter/other"), {}, False),
        ("ssm:StartSession", demo("ec2", "instance/i-1"), OWN_NODE, True),
        ("ssm:StartSession", demo("ec2", "instance/i-1"), {**OWN_NODE, "ssm:SessionDocumentAccessCheck": "false"}, False),
        ("ssm:StartSession", demo("ec2", "instance/i-1"), {}, False),
        ("ssm:StartSession", demo("ec2", "instance/i-1"), {"aws:ResourceTag/hubsmith:deployment": "other"}, False),
        ("ssm:StartSession", demo("ssm", FORWARD, account=""), {}, True),
        ("ssm:StartSession", demo("ssm", "document/SSM-SessionManagerRunShell"), {}, False),
        ("ssm:StartSession", demo("ssm", "document/AWS-StartSSHSession", account=""), {}, False),
        ("ssm:TerminateSession", demo("ssm", "session/ada-0a"), {}, False),
        ("iam:PutRolePolicy", "arn:aws:iam::123456789012:role/nodes", {}, False),
    ],
)
def test_what_the_provisioning_role_may_do(action: str, resource: str, context: dict[str, str], allowed: bool) -> None:
    assert allows(PROVISIONING, action, resource, context) is allowed


@pytest.mark.parametrize(
    ("action", "resource", "context", "allowed"),
    [
        ("iam:PutRolePolicy", "arn:aws:iam::123456789012:role/nodes", {}, True),
        ("iam:DeleteRolePolicy", "arn:aws:iam::123456789012:role/nodes", {}, True),
        ("iam:PutRolePolicy", "arn:aws:iam::123456789012:role/nodes2", {}, False),
        ("iam:AttachRolePolicy", "arn:aws:iam::123456789012:role/nodes", {}, False),
        ("iam:DeleteRole", "arn:aws:iam::123456789012:role/nodes", {}, False),
        ("iam:PutRolePolicy", "arn:aws:iam::123456789012:role/handler", {}, False),
        ("ec2:AuthorizeSecurityGroupIngress", f"arn:aws:ec2:{REGION}:123456789012:security-group/sg-0a", {}, True),
        ("ec2:RevokeSecurityGroupIngress", f"arn:aws:ec2:{REGION}:123456789012:security-group/sg-0a", {}, True),
        ("ec2:AuthorizeSecurityGroupIngress", f"arn:aws:ec2:{REGION}:123456789012:security-group/sg-0b", {}, False),
        ("ec2:DeleteSecurityGroup", f"arn:aws:ec2:{REGION}:123456789012:security-group/sg-0a", {}, False),
        ("ssm:StartSession", f"arn:aws:ec2:{REGION}:123456789012:instance/i-1", THEIR_NODE, True),
        ("ssm:StartSession", f"arn:aws:ec2:{REGION}:123456789012:instance/i-1", {}, False),
    ],
)
def test_what_it_may_do_on_somebody_else_s_cluster(action: str, resource: str, context: dict[str, str], allowed: bool) -> None:
    assert allows(FOREIGN, action, resource, context) is allowed


def test_an_env_without_desktops_asks_for_none_of_it() -> None:
    without = provisioning_policies(DEMO.model_copy(update={"desktop": None}))
    assert set(provisioning_policies(DEMO)) - set(without) == {"desktop"}
    assert "ssm:StartSession" not in str(merge(without.values()))

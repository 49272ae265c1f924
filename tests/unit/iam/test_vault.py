"""Vault's role: it unseals with one key and becomes the roles that were made for it; nobody else becomes Vault."""

from __future__ import annotations

import pytest

from modules.common.vault import default_user_roles, may_assume
from modules.iam.vault import server_policy
from tests._support.evidence import Evidence
from tests._support.iam_evaluate import allows, assumes
from tests._support.policies import ACCOUNT, ISSUER, KEY, PROVIDER, REGION, VAULT_TRUST

OTHER_KEY = KEY.replace("11111111", "22222222")
OURS, THEIRS = f"arn:aws:iam::{ACCOUNT}:role", "arn:aws:iam::210987654321:role"
DEFAULT = default_user_roles("aws")
LAB = ("arn:aws:iam::210987654321:role/lab/*", f"{OURS}/ada-for-vault")


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("kms:Encrypt", KEY, True),
        ("kms:Decrypt", KEY, True),
        ("kms:DescribeKey", KEY, True),
        ("kms:Decrypt", OTHER_KEY, False),
        ("kms:Decrypt", "*", False),
        ("kms:ScheduleKeyDeletion", KEY, False),
        ("kms:DisableKey", KEY, False),
        ("kms:PutKeyPolicy", KEY, False),
        ("kms:CreateGrant", KEY, False),
        ("kms:GenerateDataKey", KEY, False),
        ("sts:AssumeRole", f"{THEIRS}/hubsmith-vault-ada", True),
        ("sts:AssumeRole", f"{OURS}/hubsmith-vault-ada", True),
        ("sts:AssumeRole", f"{OURS}/Admin", False),
        ("sts:AssumeRole", f"{THEIRS}/Admin", False),
        ("sts:AssumeRole", f"{THEIRS}/x/hubsmith-vault-ada", False),
        ("sts:AssumeRole", f"{THEIRS}/hubsmith-vaultada", False),
        ("sts:AssumeRole", "arn:aws-cn:iam::210987654321:role/hubsmith-vault-ada", False),
        ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:user/hubsmith-vault-ada", False),
        ("sts:TagSession", f"{THEIRS}/hubsmith-vault-ada", False),
        ("iam:GetRole", f"{OURS}/hubsmith-vault-ada", False),
        ("iam:CreateAccessKey", f"{OURS}/hubsmith-vault-ada", False),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:lab/vault-recovery-keys-aB3dE6", False),
        ("s3:GetObject", "arn:aws:s3:::data/key", False),
    ],
)
def test_vault_does_this_and_no_more(action: str, resource: str, allowed: bool, evidence: Evidence) -> None:
    evidence.record("Vault's role unseals with one key and becomes roles made for it", "asserted", "exact evaluation of its policy")
    assert allows(server_policy(key_arn=KEY, user_roles=DEFAULT), action, resource) is allowed


@pytest.mark.parametrize("patterns", [DEFAULT, LAB], ids=["default", "lab"])
@pytest.mark.parametrize(
    "role",
    [
        f"{THEIRS}/hubsmith-vault-ada",
        f"{THEIRS}/lab/ada",
        f"{THEIRS}/labs/ada",
        f"{OURS}/lab/ada",
        f"{OURS}/ada-for-vault",
        f"{OURS}/ada-for-vault-2",
        f"{OURS}/[ada]",
    ],
)
def test_link_user_is_told_what_iam_will_say(patterns: tuple[str, ...], role: str) -> None:
    assert may_assume(patterns, role) is allows(server_policy(key_arn=KEY, user_roles=patterns), "sts:AssumeRole", role)


@pytest.mark.parametrize(
    ("subject", "audience", "accepted"),
    [
        ("system:serviceaccount:vault:vault", "sts.amazonaws.com", True),
        ("system:serviceaccount:vault:vault-agent-injector", "sts.amazonaws.com", False),
        ("system:serviceaccount:vault:default", "sts.amazonaws.com", False),
        ("system:serviceaccount:jupyterhub:vault", "sts.amazonaws.com", False),
        ("system:serviceaccount:vault:vault", "vault", False),
        ("system:serviceaccount:vault:*", "sts.amazonaws.com", False),
    ],
)
def test_who_becomes_vault(subject: str, audience: str, accepted: bool) -> None:
    assert assumes(VAULT_TRUST, PROVIDER, {"sub": subject, "aud": audience}, ISSUER) is accepted

"""Application roles of every env, evaluated: each service account can do what the file says, and nothing beside it.

tests/_support/iam_evaluate.py reads one policy at a time: no boundaries, no policies of buckets, no organisation's. It proves
what the documents say, not that S3 answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from modules.config.cautions import cautions
from modules.config.extras import AppRole
from modules.config.load import load_env
from modules.config.models import HubConfig
from modules.config.roles import accounts, is_pattern, role_of
from modules.iam import app
from modules.iam.document import Document
from tests._support.evidence import Evidence
from tests._support.iam_evaluate import allows, assumes
from tests._support.policies import ISSUER, PROVIDER, ROOT, env_names

ENVS = {name: load_env(ROOT, name) for name in env_names()}
#: Patterns of the shipped envs, each looked at by a person: none. `env: namespace:pattern`.
PATTERNS: frozenset[str] = frozenset()
READ, WRITE = ("s3:GetObject",), ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
EVERY = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:PutBucketPolicy", "s3:DeleteBucket", "sts:AssumeRole")


def trusted(role: AppRole) -> Document:
    return app.role_trust(role, provider_arn=PROVIDER, issuer=ISSUER)


def policy(role: AppRole, partition: str = "aws") -> Document:
    made = app.role_policy(role, partition=partition)
    assert made is not None
    return made


def may_become(role: AppRole, account: str, *, provider: str = PROVIDER, issuer: str = ISSUER, audience: str = "sts.amazonaws.com") -> bool:
    return assumes(trusted(role), provider, {"sub": f"system:serviceaccount:{account}", "aud": audience}, issuer)


def every_account() -> Iterator[Any]:
    for env, config in ENVS.items():
        for account, key in accounts(config).items():
            yield pytest.param(config, account, config.roles[key], id=f"{env} {account}")


ACCOUNTS = list(every_account())
DAFT, DEMO = ENVS["daft"].roles["daft"], ENVS["demo"].roles["reader"]
ANY_RAY = AppRole.model_validate(
    {"allow_patterns": True, "service_accounts": ["ray:*-daft"], "buckets": [{"name": "data", "prefix": "team[1]"}]}
)


@pytest.mark.parametrize(("config", "account", "role"), ACCOUNTS)
def test_each_account_becomes_its_role_and_no_other(config: HubConfig, account: str, role: AppRole, evidence: Evidence) -> None:
    assert may_become(role, account)
    assert [key for key, each in config.roles.items() if may_become(each, account)] == [role_of(config, account)]
    evidence.record("application roles: who may become which, and do what, as the env file says", "asserted", "policies evaluated")


@pytest.mark.parametrize(("config", "account", "role"), ACCOUNTS)
def test_each_account_does_with_buckets_just_what_the_file_says(config: HubConfig, account: str, role: AppRole) -> None:
    made = policy(role, config.partition)
    assert may_become(role, account)
    for grant in role.buckets:
        bucket, path = f"arn:{config.partition}:s3:::{grant.name}", grant.prefix.strip("/")
        below = f"{path}/" if path else ""
        inside = f"{bucket}/{below}a/b"
        assert {each for each in EVERY if allows(made, each, inside)} == set(WRITE if grant.access == "write" else READ)
        assert allows(made, "s3:ListBucket", bucket, {"s3:prefix": f"{below}a"})
        assert {each for each in EVERY if allows(made, each, bucket, {"s3:prefix": below})} == {"s3:ListBucket"}


def test_there_is_something_to_evaluate() -> None:
    assert {"daft jupyterhub:daft", "daft ray:default-daft"} <= {param.id for param in ACCOUNTS}
    assert len(ACCOUNTS) >= 5


@pytest.mark.parametrize(
    ("role", "token"),
    [
        (DAFT, {"account": "default:daft"}),
        (DAFT, {"account": "ray:daft"}),
        (DAFT, {"account": "jupyterhub:default-daft"}),
        (DAFT, {"account": "jupyterhub:single-user"}),
        (DAFT, {"account": "jupyterhub:daft2"}),
        (DAFT, {"account": "jupyterhub:Daft"}),
        (DAFT, {"account": "jupyterhub2:daft"}),
        (DAFT, {"account": "jupyterhub:daft:daft"}),
        (DAFT, {"account": "ray:other-daft"}),
        (DAFT, {"account": "ray:default-daft-2"}),
        (DAFT, {"account": "*:daft"}),
        (DAFT, {"account": "jupyterhub:daft", "audience": "kubernetes.default.svc"}),
        (DAFT, {"account": "jupyterhub:daft", "audience": "sts.amazonaws.com.cn"}),
        (DAFT, {"account": "jupyterhub:daft", "provider": PROVIDER.replace("123456789012", "210987654321")}),
        (DAFT, {"account": "jupyterhub:daft", "issuer": ISSUER.replace("0123", "9999")}),
        (DAFT, {"account": "jupyterhub:daft", "issuer": ISSUER.replace("us-east-2", "us-west-2")}),
        (DEMO, {"account": "jupyterhub:daft"}),
        (DEMO, {"account": "default:reader"}),
        (ANY_RAY, {"account": "ray:daft"}),
        (ANY_RAY, {"account": "ray:x-daft2"}),
        (ANY_RAY, {"account": "rays:x-daft"}),
        (ANY_RAY, {"account": "jupyterhub:x-daft"}),
        (ANY_RAY, {"account": "ray:x-daft", "audience": "kubernetes.default.svc"}),
        (ANY_RAY, {"account": "ray:x-daft", "issuer": ISSUER.replace("0123", "9999")}),
        (ANY_RAY, {"account": "ray:x-daft", "provider": PROVIDER.replace("123456789012", "210987654321")}),
    ],
)
def test_nobody_else_becomes_it(role: AppRole, token: dict[str, str]) -> None:
    assert not may_become(role, **token)


@pytest.mark.parametrize("account", ["ray:default-daft", "ray:-daft", "ray:a-b-c-daft", "ray:daft-daft"])
def test_a_pattern_means_every_name_that_matches(account: str) -> None:
    assert may_become(ANY_RAY, account)


DATA, RELEASES = "arn:aws:s3:::eventual-data-test-bucket", "arn:aws:s3:::eventual-release-artifacts-bucket"


@pytest.mark.parametrize(
    ("action", "resource", "prefix"),
    [
        ("s3:GetObject", f"{DATA}/datarepos-evil/a", None),
        ("s3:GetObject", f"{DATA}/datarepos", None),
        ("s3:PutObject", f"{DATA}/datarepos2/a", None),
        ("s3:PutObject", f"{DATA}/other/datarepos/a", None),
        ("s3:PutObject", f"{DATA}-2/datarepos/a", None),
        ("s3:PutObject", f"{RELEASES}/a", None),
        ("s3:DeleteObject", f"{RELEASES}/a", None),
        ("s3:GetObject", "arn:aws:s3:::eventual-release-artifacts-bucket2/a", None),
        ("s3:GetObject", "arn:aws-cn:s3:::eventual-release-artifacts-bucket/a", None),
        ("s3:ListBucket", DATA, None),
        ("s3:ListBucket", DATA, ""),
        ("s3:ListBucket", DATA, "other/"),
        ("s3:ListBucket", DATA, "datarepos-evil/"),
        # Without the slash S3 would list the keys of datarepos-evil/ too.
        ("s3:ListBucket", DATA, "datarepos"),
        ("s3:ListBucket", DATA, "DATAREPOS/"),
        ("s3:DeleteBucket", DATA, None),
        ("s3:PutBucketPolicy", DATA, None),
        ("s3:GetBucketPolicy", DATA, None),
        ("s3:PutObjectAcl", f"{DATA}/datarepos/a", None),
        ("s3:PutBucketPolicy", RELEASES, None),
        ("kms:Decrypt", "arn:aws:kms:us-west-2:123456789012:key/1", None),
        ("sts:AssumeRole", "arn:aws:iam::123456789012:role/daft-sandbox_DaftRole", None),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-west-2:123456789012:secret:daft-1a2b3c/cookie-secret", None),
    ],
)
def test_daft_may_not(action: str, resource: str, prefix: str | None) -> None:
    assert not allows(policy(DAFT), action, resource, {} if prefix is None else {"s3:prefix": prefix})


def test_letters_of_a_prefix_stand_for_themselves() -> None:
    made = policy(ANY_RAY)
    assert allows(made, "s3:GetObject", "arn:aws:s3:::data/team[1]/a")
    assert not allows(made, "s3:GetObject", "arn:aws:s3:::data/team1/a")


def test_a_denial_of_the_file_wins() -> None:
    raw = {"Sid": "Not", "Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}
    made = policy(DAFT.model_copy(update={"statements": (raw,)}))
    assert allows(made, "s3:PutObject", f"{DATA}/datarepos/a")
    assert not allows(made, "s3:DeleteObject", f"{DATA}/datarepos/a")


def test_every_pattern_of_an_env_is_looked_at() -> None:
    found = {
        f"{env}: {each}"
        for env, config in ENVS.items()
        for role in config.roles.values()
        for each in filter(is_pattern, role.service_accounts)
    }
    assert found == PATTERNS, "list it here once somebody has looked at who could make such an account"
    assert sum(len(cautions(config)) for config in ENVS.values()) == len(PATTERNS)


def test_a_trust_by_pattern_is_made_for_a_role_that_asks_for_it_alone() -> None:
    spelled = ANY_RAY.model_copy(update={"service_accounts": ("ray:a-daft",)})
    assert "StringLike" not in trusted(spelled)["Statement"][0]["Condition"]
    with pytest.raises(ValueError, match="irsa_pattern"):
        trusted(ANY_RAY.model_copy(update={"allow_patterns": False}))

"""What validate takes for the length of a role's documents is never less than their length, and not much more."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from modules.config.checks.role_sizes import POLICY_MAX, TRUST_MAX, policy_length, sizes, trust_length
from modules.config.extras import AppRole
from modules.config.models import HubConfig
from modules.iam import app
from tests._support.config_cases import BASES
from tests._support.policies import ISSUER, PROVIDER

#: The longest of both that occur.
LONG_ISSUER = ISSUER.replace("us-east-2", "ap-southeast-2")
LONG_PROVIDER = PROVIDER.replace("us-east-2", "ap-southeast-2").replace("arn:aws:", "arn:aws-us-gov:")


def length(document: Any) -> int:
    return len(json.dumps(document, separators=(",", ":")))


def role(*accounts: str, buckets: list[dict[str, str]] | None = None, **fields: Any) -> AppRole:
    fields = {"service_accounts": accounts or ("jupyterhub:a",), "buckets": buckets or [], **fields}
    return AppRole.model_validate(fields)


@pytest.mark.parametrize("count", [1, 2, 10, 40])
@pytest.mark.parametrize("account", ["a:b", "jupyterhub:some-long-name-of-an-account", "ray:*-daft"])
def test_a_trust_policy(account: str, count: int) -> None:
    made = role(*[account] * count, allow_patterns=True)
    real = length(app.role_trust(made, provider_arn=LONG_PROVIDER, issuer=LONG_ISSUER))
    assert real <= trust_length(made) <= real + 60


@pytest.mark.parametrize("count", [1, 9, 30])
@pytest.mark.parametrize("access", ["read", "write"])
@pytest.mark.parametrize("prefix", ["", "p", "/team/data/of/a/project/"])
def test_a_policy_of_buckets(prefix: str, access: str, count: int) -> None:
    made = role(buckets=[{"name": "some-bucket-of-ours", "prefix": prefix, "access": access}] * count)
    real = length(app.role_policy(made, partition="aws-us-gov"))
    assert real <= policy_length(made) <= 1.7 * real


def test_a_policy_of_statements() -> None:
    raw = [{"Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"], "Resource": f"arn:{n}"} for n in range(20)]
    made = role(statements=raw)
    real = length(app.role_policy(made, partition="aws"))
    assert real <= policy_length(made) <= real + 40


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"service_accounts": [f"jupyterhub:account-{n}" for n in range(25)]}, None),
        ({"service_accounts": [f"jupyterhub:account-{n}" for n in range(40)]}, f"are 40, more than fit into a trust policy of {TRUST_MAX}"),
        ({"buckets": [{"name": "open-data", "prefix": f"team-{n}", "access": "write"} for n in range(15)]}, None),
        ({"buckets": [{"name": "open-data", "prefix": f"team-{n}", "access": "write"} for n in range(30)]}, f"IAM takes {POLICY_MAX}"),
    ],
    ids=["accounts fit", "too many accounts", "buckets fit", "too many buckets"],
)
def test_what_iam_would_refuse_is_said_before_an_install(fields: dict[str, Any], said: str | None) -> None:
    reader = {"service_accounts": ["jupyterhub:reader"], "buckets": [{"name": "open-data"}], **fields}
    config = HubConfig.model_validate({**BASES["full"], "env": "lab", "roles": {"reader": reader}})
    found = [message for _, message in sizes.run(config, date(2026, 11, 21))]
    assert (said is None) == (not found)
    assert said is None or said in found[0]

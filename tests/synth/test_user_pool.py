"""What the user pool of an env with a Cognito login promises, read from the synthesised Terraform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modules.aspects.document import bodies
from modules.config.load import load_env
from tests.synth.conftest import Documents

ENV, HOST = "helio", "https://daskhub.example-helio.org"


def _of(stacks: Documents, type_: str) -> dict[str, Any]:
    (found,) = [body.values for body in bodies(stacks[f"{ENV}-data"]) if body.type == type_]
    return found


def _at(values: Any, path: str) -> Any:
    """What lies at a dotted path; a list of one is stepped into."""
    for step in path.split("."):
        values = values[0] if isinstance(values, list) and len(values) == 1 else values
        values = values.get(step)
    return values


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("admin_create_user_config.allow_admin_create_user_only", True),
        ("username_attributes", ["email"]),
        ("username_configuration.case_sensitive", False),
        ("auto_verified_attributes", ["email"]),
        ("mfa_configuration", "OPTIONAL"),
        ("software_token_mfa_configuration.enabled", True),
        ("password_policy.minimum_length", 14),
        ("password_policy.require_numbers", True),
        ("password_policy.require_uppercase", True),
        ("password_policy.require_lowercase", True),
        ("password_policy.temporary_password_validity_days", 7),
        ("account_recovery_setting.recovery_mechanism", [{"name": "verified_email", "priority": 1}]),
        ("deletion_protection", "ACTIVE"),
        ("lifecycle.prevent_destroy", True),
    ],
)
def test_the_pool(stacks: Documents, path: str, expected: Any) -> None:
    assert _at(_of(stacks, "aws_cognito_user_pool"), path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("callback_urls", [f"{HOST}/hub/oauth_callback"]),
        ("logout_urls", [f"{HOST}/hub/login"]),
        ("generate_secret", True),
        ("allowed_oauth_flows", ["code"]),
        ("allowed_oauth_scopes", ["openid", "phone", "profile", "email"]),
        ("prevent_user_existence_errors", "ENABLED"),
        ("enable_token_revocation", True),
        ("access_token_validity", 60),
        ("token_validity_units.access_token", "minutes"),
    ],
)
def test_the_client(stacks: Documents, path: str, expected: Any) -> None:
    assert _at(_of(stacks, "aws_cognito_user_pool_client"), path) == expected


@pytest.mark.parametrize("part", ["{username}", "{####}", f"{HOST}/hub/login", "7 days"])
def test_the_invitation_says_where_who_and_until_when(stacks: Documents, part: str) -> None:
    assert part in _at(_of(stacks, "aws_cognito_user_pool"), "admin_create_user_config.invite_message_template.email_message")


def test_the_groups_are_those_of_the_env_file(stacks: Documents, root: Path) -> None:
    login = load_env(root, ENV).cognito
    assert login is not None
    made = {body.values["name"] for body in bodies(stacks[f"{ENV}-data"]) if body.type == "aws_cognito_user_group"}
    assert made == set(login.groups)
    assert made

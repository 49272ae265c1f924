"""./hub users list: who is there, in words and as JSON; what it says when there is no pool to look at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.users.listing import list_users
from modules.ops.users.people import User, enters, standing
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_users.conftest import People, cognito_config

ROOT = Path("/nowhere")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_a_line_for_each_person(config: HubConfig, people: People, capsys: pytest.CaptureFixture[str]) -> None:
    people.add("boss@lab.test", name="The Boss")
    people.add("Ada@Lab.test", active=False)
    people.client.admin_add_user_to_group(UserPoolId=people.pool, Username=people.add("cy@lab.test"), GroupName="gpu")
    people.client.admin_disable_user(UserPoolId=people.pool, Username="cy@lab.test")
    assert list_users(ROOT, config, as_json=False) == 0
    head, columns, ada, boss, cy = capsys.readouterr().out.splitlines()
    until = f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}"
    assert head == "lab: 3 users · 1 invited · 1 disabled"
    assert columns.split() == ["hub", "name", "name", "status", "groups", "mfa", "created", "changed"]
    assert ada.split()[:5] == ["ada@lab.test", "-", "invited", "until", until]
    assert boss.split()[:6] == ["boss@lab.test", "(admin)", "The", "Boss", "active", "-"]
    assert cy.split()[:5] == ["cy@lab.test", "-", "disabled", "gpu", "none"]


def test_the_same_for_machines(config: HubConfig, people: People, said: Callable[[], dict[str, Any]]) -> None:
    id = people.add("Ada@Lab.test", active=False, name="Ada")
    assert list_users(ROOT, config, as_json=True) == 0
    found = said()
    assert (found["env"], found["command"], found["action"], found["exit"], found["pool"]) == ("lab", "users", "list", 0, people.pool)
    (row,) = found["users"]
    assert (row["hub_name"], row["email"], row["id"], row["name"]) == ("ada@lab.test", "Ada@Lab.test", id, "Ada")
    assert (row["admin"], row["enters"], row["enabled"], row["state"]) == (False, True, True, "FORCE_CHANGE_PASSWORD")
    assert row["invited_until"] > row["created"]


def test_all_pages_are_read(config: HubConfig, people: People, said: Callable[[], dict[str, Any]]) -> None:
    """Cognito gives at most 60 a page."""
    expected = sorted(f"user{number}@lab.test" for number in range(125))
    for email in expected:
        people.add(email, active=False)
    assert list_users(ROOT, config, as_json=True) == 0
    assert [row["hub_name"] for row in said()["users"]] == expected


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("OPTIONAL", [["SOFTWARE_TOKEN_MFA"], []]), ("OFF", [None, None])],
    ids=["asked when the pool has it", "not asked when off"],
)
def test_second_factors(config: HubConfig, people: People, said: Callable[[], dict[str, Any]], setting: str, expected: Any) -> None:
    people.add("ada@lab.test")
    client = people.client.create_user_pool_client(UserPoolId=people.pool, ClientName="c")["UserPoolClient"]["ClientId"]
    login = {"USERNAME": "ada@lab.test", "PASSWORD": "Never-shown-1234"}
    tokens = people.client.admin_initiate_auth(UserPoolId=people.pool, ClientId=client, AuthFlow="ADMIN_NO_SRP_AUTH", AuthParameters=login)
    token = tokens["AuthenticationResult"]["AccessToken"]
    people.client.associate_software_token(AccessToken=token)
    people.client.verify_software_token(AccessToken=token, UserCode="123456")
    people.client.set_user_mfa_preference(AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True})
    people.client.update_user_pool(UserPoolId=people.pool, MfaConfiguration=setting)
    people.add("bo@lab.test")
    assert list_users(ROOT, config, as_json=True) == 0
    assert [row["mfa"] for row in said()["users"]] == expected


def test_an_empty_pool_says_how_to_invite(config: HubConfig, people: People, capsys: pytest.CaptureFixture[str]) -> None:
    assert list_users(ROOT, config, as_json=False) == 0
    text = capsys.readouterr().out
    assert "lab: 0 users" in text
    assert "./hub users add lab" in text
    assert "admins in envs/lab/hub.yaml who are not in the pool: Boss@lab.test" in text


def test_who_is_in_the_pool_but_on_no_list_is_named(people: People, capsys: pytest.CaptureFixture[str]) -> None:
    people.add("ada@lab.test")
    people.add("boss@lab.test")
    assert list_users(ROOT, cognito_config(allowed=["cy@lab.test"]), as_json=False) == 0
    assert "not let in (auth.allowed in envs/lab/hub.yaml): ada@lab.test\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("auth", "words"),
    [
        ({"kind": "github", "admins": ["ada"], "allow": {"orgs": ["lab-org"]}}, "GitHub, and by the owners of lab-org"),
        ({"kind": "github", "admins": ["ada"]}, "managed by GitHub, not"),
        ({"kind": "auth0", "admins": ["ada"], "domain": "lab.us.auth0.com", "client_id": "x"}, "the Auth0 tenant lab.us.auth0.com"),
        ({"kind": "oidc", "admins": ["ada"], "issuer": "https://id.lab.test", "client_id": "x"}, "https://id.lab.test"),
        ({"kind": "dummy"}, "anybody in with any password"),
    ],
    ids=["github org", "github lists", "auth0", "oidc", "dummy"],
)
def test_an_env_with_another_login_says_who_manages_its_users(auth: dict[str, Any], words: str) -> None:
    more = {"domain": None, "dns": None, "insecure": True} if auth["kind"] == "dummy" else {}
    with pytest.raises(HubError, match=words) as caught:
        list_users(ROOT, make_config(auth=auth, **more), as_json=False)
    assert "envs/lab/hub.yaml: auth.admins" in caught.value.fix


@pytest.mark.parametrize("outputs", [None, {}, {"kms_key_arn": "x"}], ids=["no bucket", "empty state", "no pool in it"])
def test_a_pool_that_is_not_installed(config: HubConfig, write_state: Callable[..., None], outputs: dict[str, str] | None) -> None:
    if outputs is not None:
        write_state(config, **outputs)
    with pytest.raises(HubError, match="lab has no user pool yet: its stack data is not installed") as caught:
        list_users(ROOT, config, as_json=False)
    assert caught.value.fix == "./install.sh lab"


def test_a_pool_that_is_gone(config: HubConfig, write_state: Callable[..., None]) -> None:
    write_state(config, user_pool_id="us-east-2_gone")
    with pytest.raises(HubError, match="could not list the users of lab: it does not exist"):
        list_users(ROOT, config, as_json=False)


def test_looking_starts_no_rehearsal(tmp_path: Path) -> None:
    with pytest.raises(HubError, match="the rehearsal of lab does not run"):
        list_users(tmp_path, cognito_config().model_copy(update={"rehearsal": True}), as_json=False)


def a_user(**changes: Any) -> User:
    facts: dict[str, Any] = {
        "id": "1",
        "email": "ada@lab.test",
        "verified": True,
        "name": "",
        "state": "CONFIRMED",
        "enabled": True,
        "created": NOW,
        "changed": NOW,
    }
    return User(**facts | changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "active"),
        ({"enabled": False, "state": "FORCE_CHANGE_PASSWORD"}, "disabled"),
        ({"state": "FORCE_CHANGE_PASSWORD"}, "invited until 2026-11-28"),
        ({"state": "FORCE_CHANGE_PASSWORD", "changed": NOW - timedelta(days=9)}, "invitation ended 2026-11-19"),
        ({"state": "RESET_REQUIRED"}, "must change password"),
        ({"state": "UNCONFIRMED", "verified": False}, "never confirmed the e-mail"),
        ({"verified": False}, "active, e-mail not verified"),
        ({"state": "SOMETHING_NEW"}, "something new"),
    ],
)
def test_where_a_person_stands(changes: dict[str, Any], words: str) -> None:
    assert standing(a_user(**changes), 7, NOW) == words


@pytest.mark.parametrize(
    ("auth", "email", "expected"),
    [
        ({}, "ada@lab.test", True),
        ({"allowed": ["Ada@lab.test"]}, "ada@lab.test", True),
        ({"allowed": ["cy@lab.test"]}, "ada@lab.test", False),
        ({"allowed": ["cy@lab.test"]}, "boss@lab.test", True),
        ({"self_sign_up": True}, "ada@lab.test", False),
    ],
    ids=["membership is the list", "on the list", "not on it", "an admin", "strangers can sign up"],
)
def test_whom_the_hub_lets_in(auth: dict[str, Any], email: str, expected: bool) -> None:
    login = cognito_config(**auth).cognito
    assert login is not None
    assert enters(login, email) is expected

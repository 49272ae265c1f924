"""./hub users disable, enable and reset: what each does to a person in each state, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.users.change import disable, enable, reset
from tests.unit.ops_users.conftest import PASSWORD, People, cognito_config
from tests.unit.ops_users.test_add import fail_at

ROOT = Path("/nowhere")


def log_in(people: People, email: str) -> str:
    """An access token."""
    client = people.client.create_user_pool_client(UserPoolId=people.pool, ClientName="c")["UserPoolClient"]["ClientId"]
    login = {"USERNAME": email, "PASSWORD": PASSWORD}
    made = people.client.admin_initiate_auth(UserPoolId=people.pool, ClientId=client, AuthFlow="ADMIN_NO_SRP_AUTH", AuthParameters=login)
    return str(made["AuthenticationResult"]["AccessToken"])


def test_disabling_ends_every_login(config: HubConfig, people: People, capsys: pytest.CaptureFixture[str]) -> None:
    people.add("ada@lab.test")
    token = log_in(people, "ada@lab.test")
    assert people.client.get_user(AccessToken=token)["Username"] == people.get("ada@lab.test")["Username"]
    assert disable(ROOT, config, "ada@lab.test", as_json=False) == 0
    assert people.get("ada@lab.test")["Enabled"] is False
    people.client.admin_enable_user(UserPoolId=people.pool, Username="ada@lab.test")
    with pytest.raises(ClientError, match="NotAuthorized"):
        people.client.get_user(AccessToken=token)
    text = capsys.readouterr().out
    assert text.startswith("ada@lab.test: disabled, and signed out everywhere. Home and groups stay\n")
    assert "a server they have running goes on until it was idle for 60 minutes; stop it at https://hub.lab.test/hub/admin" in text


@pytest.mark.parametrize(
    ("action", "enabled", "changed", "words"),
    [
        (disable, True, True, "ada@lab.test: disabled, and"),
        (disable, False, False, "ada@lab.test: was disabled already, and"),
        (enable, False, True, "ada@lab.test: enabled\n"),
        (enable, True, False, "ada@lab.test: not disabled; nothing was changed"),
    ],
)
def test_a_second_time_is_fine(
    config: HubConfig,
    people: People,
    capsys: pytest.CaptureFixture[str],
    said: Callable[[], dict[str, Any]],
    action: Callable[..., int],
    enabled: bool,
    changed: bool,
    words: str,
) -> None:
    people.add("ada@lab.test")

    def begin() -> None:
        call = people.client.admin_enable_user if enabled else people.client.admin_disable_user
        call(UserPoolId=people.pool, Username="ada@lab.test")

    begin()
    assert action(ROOT, config, "ADA@lab.test", as_json=False) == 0
    assert words in capsys.readouterr().out
    begin()
    assert action(ROOT, config, "ada@lab.test", as_json=True) == 0
    found = said()
    assert (found["action"], found["user"], found["changed"]) == (action.__name__, "ada@lab.test", changed)
    assert people.get("ada@lab.test")["Enabled"] is (action is enable)


def test_a_disabled_admin_is_still_on_the_list(config: HubConfig, people: People, capsys: pytest.CaptureFixture[str]) -> None:
    people.add("boss@lab.test")
    assert disable(ROOT, config, "boss@lab.test", as_json=False) == 0
    assert "take boss@lab.test off auth.admins" in capsys.readouterr().out


def test_servers_that_nobody_culls(people: People, config: HubConfig, capsys: pytest.CaptureFixture[str]) -> None:
    people.add("ada@lab.test")
    hub = config.hub.model_copy(update={"culling": config.hub.culling.model_copy(update={"enabled": False})})
    assert disable(ROOT, config.model_copy(update={"hub": hub}), "ada@lab.test", as_json=False) == 0
    assert "goes on until somebody stops it" in capsys.readouterr().out


def test_disabled_but_not_signed_out_is_said(config: HubConfig, people: People, session: boto3.Session) -> None:
    people.add("ada@lab.test")
    fail_at(session, "AdminUserGlobalSignOut", "AccessDeniedException", number=1)
    with pytest.raises(HubError, match=r"could not sign out ada@lab\.test, who is disabled now"):
        disable(ROOT, config, "ada@lab.test", as_json=False)
    assert people.get("ada@lab.test")["Enabled"] is False


def test_enabling_somebody_who_never_came(config: HubConfig, people: People, capsys: pytest.CaptureFixture[str]) -> None:
    people.add("ada@lab.test", active=False)
    people.client.admin_disable_user(UserPoolId=people.pool, Username="ada@lab.test")
    assert enable(ROOT, config, "ada@lab.test", as_json=False) == 0
    assert "./hub users reset lab ada@lab.test sends a new invitation" in capsys.readouterr().out


def test_resetting_sends_a_code(config: HubConfig, people: People, said: Callable[[], dict[str, Any]]) -> None:
    people.add("ada@lab.test")
    assert reset(ROOT, config, "ada@lab.test", as_json=True) == 0
    assert people.get("ada@lab.test")["UserStatus"] == "RESET_REQUIRED"
    found = said()
    assert (found["sent"], found["invited_until"]) == ("code", None)


def test_resetting_an_invitation_sends_a_new_one(config: HubConfig, people: People, capsys: pytest.CaptureFixture[str]) -> None:
    id = people.add("Ada@lab.test", active=False)
    before = people.get("ada@lab.test")
    assert reset(ROOT, config, "ada@lab.test", as_json=False) == 0
    after = people.get("ada@lab.test")
    assert (after["Username"], after["UserStatus"]) == (id, "FORCE_CHANGE_PASSWORD")
    assert after["UserLastModifiedDate"] > before["UserLastModifiedDate"]
    assert people.all() == ["Ada@lab.test"]
    until = f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}"
    assert f"a new invitation went out, good until {until}; the old one is void" in capsys.readouterr().out


def _disabled(people: People) -> None:
    people.client.admin_disable_user(UserPoolId=people.pool, Username="ada@lab.test")


def _unverified(people: People) -> None:
    people.client.admin_update_user_attributes(
        UserPoolId=people.pool, Username="ada@lab.test", UserAttributes=[{"Name": "email_verified", "Value": "false"}]
    )


@pytest.mark.parametrize(
    ("prepare", "words", "fix"),
    [
        (_disabled, "ada@lab.test is disabled. Nothing was sent", "./hub users enable lab ada@lab.test"),
        (_unverified, "e-mail address of ada@lab.test is not verified", "verify it at login"),
    ],
    ids=["disabled", "not verified"],
)
def test_who_cannot_be_reset(config: HubConfig, people: People, prepare: Callable[[People], None], words: str, fix: str) -> None:
    people.add("ada@lab.test")
    prepare(people)
    with pytest.raises(HubError, match=words) as caught:
        reset(ROOT, config, "ada@lab.test", as_json=False)
    assert fix in caught.value.fix
    assert people.get("ada@lab.test")["UserStatus"] == "CONFIRMED"


def test_who_never_finished_signing_up_cannot_be_reset(people: People) -> None:
    client = people.client.create_user_pool_client(UserPoolId=people.pool, ClientName="c")["UserPoolClient"]["ClientId"]
    people.client.sign_up(ClientId=client, Username="ada@lab.test", Password=PASSWORD)
    with pytest.raises(HubError, match="never confirmed the e-mail; in this state Cognito sends no code"):
        reset(ROOT, cognito_config(self_sign_up=True), "ada@lab.test", as_json=False)


@pytest.mark.parametrize("action", [disable, enable, reset])
@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("adda@lab.test", "; did you mean ada@lab.test?"),
        ("Ada", "; did you mean ada@lab.test?"),
        ("ada@elsewhere.org", "; did you mean ada@lab.test?"),
        ("zzz@lab.test", ""),
    ],
    ids=["spelled alike", "half an address", "another domain", "like nobody"],
)
def test_an_unknown_user(config: HubConfig, people: People, action: Callable[..., int], name: str, hint: str) -> None:
    for email in ("ada@lab.test", "boss@lab.test"):
        people.add(email)
    with pytest.raises(HubError) as caught:
        action(ROOT, config, name, as_json=False)
    assert caught.value.what == f'lab has no user "{name}"{hint}'
    assert "./hub users list lab" in caught.value.fix


def test_cognitos_own_id_is_a_name_too(config: HubConfig, people: People) -> None:
    id = people.add("ada@lab.test")
    assert disable(ROOT, config, id, as_json=False) == 0
    assert people.get("ada@lab.test")["Enabled"] is False

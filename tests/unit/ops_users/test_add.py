"""./hub users add: what is refused before anybody is made, what an invitation holds, and what is said when AWS stops half way."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.users.add import Wish, add
from modules.ops.users.addresses import is_address
from tests.unit.ops_aws.support import make_config, refusal
from tests.unit.ops_users.conftest import People, cognito_config

ROOT = Path("/nowhere")


@pytest.fixture
def requests(session: boto3.Session) -> list[tuple[str, dict[str, Any]]]:
    """Every call that is made from here on: its name and parameters."""
    made: list[tuple[str, dict[str, Any]]] = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        made.append((model.name, dict(params)))

    session.events.register("provide-client-params.*.*", note)
    return made


def created(requests: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """The parameters of each AdminCreateUser."""
    return [params for name, params in requests if name == "AdminCreateUser"]


def test_an_invitation_goes_by_mail_to_an_address_that_counts_as_verified(
    config: HubConfig, people: People, requests: list[tuple[str, dict[str, Any]]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(ROOT, config, Wish(("Ada@Lab.Test",), ("gpu",), name="Ada L"), as_json=False) == 0
    (asked,) = created(requests)
    assert (asked["Username"], asked["DesiredDeliveryMediums"]) == ("ada@lab.test", ["EMAIL"])
    # Cognito makes the password: none is asked for, so none passes through this program.
    assert not {"TemporaryPassword", "MessageAction"} & asked.keys()
    facts = people.facts("ada@lab.test")
    assert (facts["email"], facts["email_verified"], facts["name"]) == ("ada@lab.test", "true", "Ada L")
    assert people.groups("ada@lab.test") == ["gpu"]
    text = capsys.readouterr().out
    assert "ada@lab.test: invited into gpu\n" in text
    assert f'"Your account": the user name and a temporary password, good until {datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}' in text
    assert "login at https://hub.lab.test" in text


def test_without_a_mail(config: HubConfig, people: People, requests: list[tuple[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    assert add(ROOT, config, Wish(("ada@lab.test",), mail=False), as_json=False) == 0
    assert created(requests)[0]["MessageAction"] == "SUPPRESS"
    text = capsys.readouterr().out
    assert "made, no mail was sent" in text
    assert "./hub users reset lab <e-mail> sends the invitation" in text


def test_a_list_on_standard_input(
    config: HubConfig, people: People, said: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    people.add("boss@lab.test")
    monkeypatch.setattr("sys.stdin", io.StringIO("# class of 2026\nada@lab.test\n\n  Boss@lab.test # there already\nada@lab.test\n"))
    assert add(ROOT, config, Wish(("cy@lab.test", "-"), ("staff", "gpu")), as_json=True) == 0
    found = said()
    assert (found["added"], found["existed"], found["left"]) == (["cy@lab.test", "ada@lab.test"], ["boss@lab.test"], [])
    assert (found["groups"], found["mailed"], found["error"]) == (["staff", "gpu"], True, None)
    assert people.all() == ["ada@lab.test", "boss@lab.test", "cy@lab.test"]
    assert (people.groups("cy@lab.test"), people.groups("boss@lab.test")) == (["gpu", "staff"], [])


def test_the_summary_of_several(config: HubConfig, people: People, capsys: pytest.CaptureFixture[str]) -> None:
    people.add("boss@lab.test")
    assert add(ROOT, config, Wish(("ada@lab.test", "boss@lab.test", "cy@lab.test")), as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["ada@lab.test: invited", "cy@lab.test: invited", "lab: 2 added · 1 there already · 0 left"]
    assert "  in the pool already, left as they are: boss@lab.test" in lines


def test_a_dry_run_changes_nothing(
    config: HubConfig, people: People, requests: list[tuple[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(ROOT, config, Wish(("ada@lab.test", "cy@lab.test"), ("gpu",), dry_run=True), as_json=False) == 0
    assert {name for name, _ in requests} == {"GetObject", "ListGroups", "ListUsers", "DescribeUserPool"}
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["lab: would invite 2 people into gpu; nothing was changed", "  ada@lab.test", "  cy@lab.test"]
    assert "good for 3 days" in lines[3]


@pytest.mark.parametrize(
    ("wish", "words", "fix"),
    [
        (Wish(("ada",)), '"ada" is no e-mail address. Nobody was invited', "write them as ada@example.org"),
        (Wish(("ok@lab.test", "ada@", "@lab.test")), '"ada@", "@lab.test" are no e-mail addresses', "write them as"),
        (Wish(("-",)), "there is no e-mail address to invite", "pipe one a line"),
        (Wish(("ada@lab.test",), ("gpus",)), 'lab has no group "gpus"; did you mean "gpu"? Groups: gpu, staff', "run ./install.sh lab"),
        (Wish(("ada@lab.test", "cy@lab.test"), name="Ada"), "--name is one person's, and there are 2 addresses", "alone"),
    ],
    ids=["bad e-mail", "two bad ones", "an empty list", "unknown group", "one name for two"],
)
def test_refused_before_aws_is_asked(
    config: HubConfig, requests: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch, wish: Wish, words: str, fix: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("# nobody\n"))
    with pytest.raises(HubError) as caught:
        add(ROOT, config, wish, as_json=False)
    assert words in caught.value.what
    assert fix in caught.value.fix
    assert requests == []


@pytest.mark.parametrize(
    ("active", "enabled", "words", "fix"),
    [
        (True, True, "ada@lab.test is a user of lab already (active). Nothing was changed", "reset lab ada@lab.test sends"),
        (False, True, "already (invited until", "reset lab ada@lab.test sends a new invitation"),
        (True, False, "already (disabled)", "enable lab ada@lab.test lets them in again"),
    ],
    ids=["active", "invited", "disabled"],
)
def test_somebody_who_is_there_already(config: HubConfig, people: People, active: bool, enabled: bool, words: str, fix: str) -> None:
    people.add("Ada@lab.test", active=active)
    if not enabled:
        people.client.admin_disable_user(UserPoolId=people.pool, Username="ada@lab.test")
    with pytest.raises(HubError) as caught:
        add(ROOT, config, Wish(("ADA@lab.test",)), as_json=False)
    assert words in caught.value.what
    assert fix in caught.value.fix
    assert people.all() == ["Ada@lab.test"]


def test_all_of_a_list_are_there_already(config: HubConfig, people: People) -> None:
    for email in ("ada@lab.test", "cy@lab.test"):
        people.add(email)
    with pytest.raises(HubError, match="all 2 are users of lab already"):
        add(ROOT, config, Wish(("cy@lab.test", "ada@lab.test")), as_json=False)


def test_a_group_that_is_not_made_yet(people: People) -> None:
    with pytest.raises(HubError, match="not in the user pool of lab yet: new") as caught:
        add(ROOT, cognito_config(groups=["gpu", "new"]), Wish(("ada@lab.test",), ("new",)), as_json=False)
    assert caught.value.fix == "./install.sh lab makes what hub.yaml names"
    assert people.all() == []


def test_an_address_that_no_list_lets_in_is_said(people: People, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(ROOT, cognito_config(allowed=["cy@lab.test"]), Wish(("ada@lab.test", "cy@lab.test")), as_json=False) == 0
    assert "not let in yet: add to auth.allowed in envs/lab/hub.yaml: ada@lab.test\n" in capsys.readouterr().out


def test_an_env_with_another_login() -> None:
    with pytest.raises(HubError, match="managed by GitHub"):
        add(ROOT, make_config(), Wish(("ada@lab.test",)), as_json=False)


def fail_at(session: boto3.Session, operation: str, code: str, *, number: int) -> None:
    """AWS refuses the n-th call of one kind from here on, and every later one."""
    seen: list[int] = []

    def refuse(**_: Any) -> None:
        seen.append(1)
        if len(seen) >= number:
            raise refusal(code, operation)

    session.events.register(f"before-call.cognito-identity-provider.{operation}", refuse)


@pytest.mark.parametrize(
    ("operation", "code", "added", "left", "words"),
    [
        ("AdminCreateUser", "LimitExceededException", ["a@lab.test"], ["b@lab.test", "c@lab.test"], "sent all the mails it may send today"),
        ("AdminCreateUser", "AccessDeniedException", ["a@lab.test"], ["b@lab.test", "c@lab.test"], "these credentials may not do that"),
        ("AdminCreateUser", "CodeDeliveryFailureException", ["a@lab.test"], ["b@lab.test", "c@lab.test"], "could not invite b@lab.test"),
        (
            "AdminAddUserToGroup",
            "AccessDeniedException",
            ["a@lab.test", "b@lab.test"],
            ["c@lab.test"],
            "put b@lab.test, who is in the pool",
        ),
    ],
)
def test_aws_refuses_the_second_of_three(
    config: HubConfig,
    people: People,
    session: boto3.Session,
    capsys: pytest.CaptureFixture[str],
    operation: str,
    code: str,
    added: list[str],
    left: list[str],
    words: str,
) -> None:
    fail_at(session, operation, code, number=2)
    assert add(ROOT, config, Wish(("a@lab.test", "b@lab.test", "c@lab.test"), ("gpu",)), as_json=False) == 1
    printed = capsys.readouterr()
    assert words in printed.err
    assert f"lab: {len(added)} added · 0 there already · {len(left)} left" in printed.out
    assert f"  not invited: {', '.join(left)}\n" in printed.out
    assert people.all() == added


def test_the_same_command_again_finishes(
    config: HubConfig, people: People, session: boto3.Session, said: Callable[[], dict[str, Any]]
) -> None:
    people.add("a@lab.test", active=False)
    assert add(ROOT, config, Wish(("a@lab.test", "b@lab.test")), as_json=True) == 0
    found = said()
    assert (found["added"], found["existed"]) == (["b@lab.test"], ["a@lab.test"])


def test_a_failure_for_machines(config: HubConfig, people: People, session: boto3.Session, said: Callable[[], dict[str, Any]]) -> None:
    fail_at(session, "AdminCreateUser", "LimitExceededException", number=1)
    assert add(ROOT, config, Wish(("a@lab.test",)), as_json=True) == 1
    found = said()
    assert (found["exit"], found["left"], found["invited_until"]) == (1, ["a@lab.test"], None)
    assert "again tomorrow" in found["error"]


def test_somebody_made_the_same_person_meanwhile(
    config: HubConfig, people: People, session: boto3.Session, said: Callable[[], dict[str, Any]]
) -> None:
    fail_at(session, "AdminCreateUser", "UsernameExistsException", number=2)
    assert add(ROOT, config, Wish(("a@lab.test", "b@lab.test")), as_json=True) == 0
    assert (found := said())["added"] == ["a@lab.test"]
    assert found["existed"] == ["b@lab.test"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ada@lab.test", True),
        ("ada.lovelace+hub@mail.lab-1.example.org", True),
        ("o'hara@lab.test", True),
        ("a@b.io", True),
        ("ada", False),
        ("ada@lab", False),
        ("ada @lab.test", False),
        ("ada@lab..test", False),
        ("ada..l@lab.test", False),
        (".ada@lab.test", False),
        ("ada@-lab.test", False),
        ("adä@lab.test", False),
        ("Ada <ada@lab.test>", False),
        ("ada@lab.test,cy@lab.test", False),
        (f"{'a' * 65}@lab.test", False),
        (f"ada@{'lab.' * 32}test", False),
        ("ada@lab.test\n", False),
        ("", False),
    ],
)
def test_what_is_an_address(text: str, expected: bool) -> None:
    assert is_address(text) is expected

"""The `session` command: credentials in both forms, user, password, session; and what is wrong with a secret, never its value."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.desktop.agent.aws import FakeAws
from tests.desktop.agent.desk import Desk

CANARY = "canary-7f3a"
CREATE = (
    "dcv create-session --type virtual --owner ada --user ada --storage-root %home% --init /usr/local/bin/init_session.sh default-session"
)


@pytest.fixture
def bare(desks: Callable[..., Desk]) -> Callable[..., Desk]:
    """A node without a session, where one with display :0 can be made."""

    def make(**extra: str) -> Desk:
        desk = desks(display="", **extra)
        desk.creatable(":0")
        return desk

    return make


@pytest.mark.parametrize("names", ["dcv-credentials", "dcv-cred-user, dcv-cred-passwd"])
def test_user_password_and_session_are_made(bare: Callable[..., Desk], aws: FakeAws, names: str) -> None:
    aws.secret("dcv-cred-user", "ada\n")
    aws.secret("dcv-cred-passwd", f"{CANARY}\n")
    desk = bare(DCV_CREDENTIALS=names)
    assert desk.make_session(attempts=1)
    assert (desk.state / "password").read_text() == f"ada:{CANARY}\n"
    assert "useradd --create-home --uid 1000 --shell /bin/bash ada\n" in desk.argv
    assert CREATE in desk.argv
    desk.step()
    assert desk.ready == ":0"


def test_a_second_run_changes_nothing(bare: Callable[..., Desk]) -> None:
    desk = bare()
    assert desk.make_session(attempts=1)
    assert desk.make_session(attempts=1)
    assert (desk.argv.count("useradd"), desk.argv.count("create-session")) == (1, 1)


@pytest.mark.parametrize(
    ("secret", "sentence"),
    [
        ("", "secret dcv-credentials is not a JSON object"),
        ("null", "secret dcv-credentials is not a JSON object"),
        (f'"{CANARY}"', "secret dcv-credentials is not a JSON object"),
        (f"ada:{CANARY}", "secret dcv-credentials is not a JSON object"),
        (f'{{"Password": "{CANARY}"}}', "UserName of secret dcv-credentials is empty"),
        ('{"UserName": "ada"}', "Password of secret dcv-credentials is empty"),
        ('{"UserName": "ada", "Password": ""}', "Password of secret dcv-credentials is empty"),
        ('{"UserName": "ada", "Password": null}', "Password of secret dcv-credentials is empty"),
        ('{"UserName": "ada", "Password": "null"}', "Password of secret dcv-credentials is empty"),
        (f'{{"UserName": "null", "Password": "{CANARY}"}}', "UserName of secret dcv-credentials is empty"),
        (f'{{"UserName": "root", "Password": "{CANARY}"}}', "UserName of secret dcv-credentials is not a name for a desktop's user"),
        (f'{{"UserName": "-o", "Password": "{CANARY}"}}', "UserName of secret dcv-credentials is not a name for a desktop's user"),
        (f'{{"UserName": "ada", "Password": "{CANARY}\\nroot:x"}}', "Password of secret dcv-credentials has a line break inside"),
    ],
)
def test_a_wrong_secret_is_named_and_never_shown(
    bare: Callable[..., Desk], aws: FakeAws, capsys: pytest.CaptureFixture[str], secret: str, sentence: str
) -> None:
    aws.client("secretsmanager").delete_secret(SecretId="dcv-credentials", ForceDeleteWithoutRecovery=True)
    aws.secret("dcv-credentials", secret or "\n")
    desk = bare()
    assert not desk.make_session(attempts=2)
    assert sentence in desk.sentence
    assert not desk.ready
    assert "useradd" not in desk.argv
    assert CANARY not in capsys.readouterr().out + desk.sentence + desk.argv


def test_one_of_two_secrets_is_missing(bare: Callable[..., Desk], aws: FakeAws) -> None:
    aws.secret("dcv-cred-user", "ada")
    desk = bare(DCV_CREDENTIALS="dcv-cred-user,dcv-cred-passwd")
    assert not desk.make_session(attempts=1)
    assert desk.sentence == "AWS: GetSecretValue of secret dcv-cred-passwd answered ResourceNotFoundException"


def test_a_secret_that_comes_later_needs_no_restart(bare: Callable[..., Desk], aws: FakeAws) -> None:
    aws.faults = {"GetSecretValue": ("AccessDeniedException", 3)}
    desk = bare()
    assert desk.make_session(attempts=9)
    assert desk.argv.count("dcv list-sessions") == 4
    assert not (desk.run / "session-trouble").exists()


@pytest.mark.parametrize(
    ("obstacle", "sentence"),
    [
        ("server-down", "the DCV server does not answer yet (dcv list-sessions: exit 1: no connection to the server)"),
        ("refuse-create", "dcv create-session default-session failed (exit 1: no licence)"),
        ("refuse-password", "chpasswd refused the password (exit 1)"),
    ],
)
def test_an_obstacle_is_named(bare: Callable[..., Desk], capsys: pytest.CaptureFixture[str], obstacle: str, sentence: str) -> None:
    desk = bare()
    (desk.state / obstacle).touch()
    assert not desk.make_session(attempts=3)
    assert desk.sentence == sentence
    output = capsys.readouterr().out
    assert output.count(sentence.partition("(")[0]) == 1, "a lasting trouble is one line"
    assert CANARY not in output


def test_a_user_of_the_image_is_refused(bare: Callable[..., Desk]) -> None:
    desk = bare()
    (desk.state / "passwd").write_text("ada:x:33:33::/:/bin/false\n")
    assert not desk.make_session(attempts=1)
    assert desk.sentence == "the user of the credentials is one of the image's own; only number 1000 may be a desktop's user"
    assert "chpasswd" not in desk.argv


def test_a_changed_password_needs_no_restart(bare: Callable[..., Desk], aws: FakeAws, capsys: pytest.CaptureFixture[str]) -> None:
    desk = bare()
    assert desk.make_session(attempts=1)
    desk.pass_time(1300, stride=100)
    assert desk.argv.count("chpasswd") == 1, "the same version is not set again"
    aws.secret("dcv-credentials", '{"UserName": "ada", "Password": "second-canary"}')
    desk.pass_time(700, stride=100)
    assert (desk.state / "password").read_text() == "ada:second-canary\n"
    assert "second-canary" not in capsys.readouterr().out


def test_a_refused_look_at_the_password_leaves_the_desktop_ready(
    bare: Callable[..., Desk], aws: FakeAws, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = bare()
    assert desk.make_session(attempts=1)
    aws.faults = {"GetSecretValue": ("AccessDeniedException", 99)}
    desk.pass_time(1900, stride=100)
    assert desk.ready == ":0"
    assert capsys.readouterr().out.count("answered AccessDeniedException") == 1

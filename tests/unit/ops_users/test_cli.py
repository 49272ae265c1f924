"""The command line of ./hub users: what it hands on, what it refuses, and what it must not import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from modules.ops.cli import main, parts
from modules.ops.users.add import Wish

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the verbs are called with, in place of the verbs."""
    made: list[tuple[Any, ...]] = []

    def stand_in(name: str) -> Any:
        def verb(root: Path, config: Any, *words: Any, as_json: bool) -> int:
            made.append((name, config.env, *words, as_json))
            return 0

        return verb

    for module, names in {
        "add": ["add"],
        "listing": ["list_users"],
        "change": ["disable", "enable", "reset"],
        "groups": ["list_groups", "join", "leave"],
    }.items():
        for name in names:
            monkeypatch.setattr(f"modules.ops.users.{module}.{name}", stand_in(name))
    monkeypatch.setattr(parts, "ROOT", ROOT)
    return made


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["list", "helio", "--json"], ("list_users", "helio", True)),
        (["add", "helio", "a@b.org", "-", "--group", "x", "--group", "y", "--group", "x"], Wish(("a@b.org", "-"), ("x", "y"))),
        (["add", "helio", "a@b.org", "--name", "Ada", "--no-mail", "--dry-run"], Wish(("a@b.org",), (), "Ada", mail=False, dry_run=True)),
        (["disable", "helio", "a@b.org"], ("disable", "helio", "a@b.org", False)),
        (["enable", "helio", "a@b.org"], ("enable", "helio", "a@b.org", False)),
        (["reset", "helio", "a@b.org"], ("reset", "helio", "a@b.org", False)),
        (["groups", "helio"], ("list_groups", "helio", False)),
        (["groups", "helio", "list"], ("list_groups", "helio", False)),
        (["groups", "helio", "add", "a@b.org", "x"], ("join", "helio", "a@b.org", "x", False)),
        (["groups", "helio", "remove", "a@b.org", "x"], ("leave", "helio", "a@b.org", "x", False)),
    ],
)
def test_what_is_handed_on(calls: list[tuple[Any, ...]], words: list[str], expected: Any) -> None:
    assert main(["users", *words]) == 0
    assert calls == [("add", "helio", expected, False) if isinstance(expected, Wish) else expected]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["drop", "helio"], '"drop" is none of list, add, disable, enable, reset, groups'),
        (["list", "helio", "ada"], "list takes no name"),
        (["add", "helio"], "say whom to invite"),
        (["disable", "helio"], "name one user: ./hub users disable ENV USER"),
        (["reset", "helio", "a@b.org", "c@d.org"], "name one user"),
        (["disable", "helio", "a@b.org", "--no-mail"], "--no-mail says nothing to disable"),
        (["list", "helio", "--group", "x"], "--group says nothing to list"),
        (["groups", "helio", "gpu"], 'cannot read "groups gpu"'),
        (["list", "dandi"], "the users of dandi are managed by GitHub"),
    ],
)
def test_what_is_refused(capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    assert main(["users", *words]) == 1
    printed = capsys.readouterr()
    assert said in printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""


def test_an_interruption_says_what_stays(calls: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def interrupted(*_: Any, as_json: bool) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("modules.ops.users.add.add", interrupted)
    assert main(["users", "add", "helio", "a@b.org"]) == 130
    assert "what was done stays: ./hub users list helio shows it" in capsys.readouterr().err


#: Slow to import, and no part of a command line.
_HEAVY = {"boto3", "grpc", "jsonschema", "kubernetes", "moto"}


def test_help_imports_nothing_heavy() -> None:
    program = f"import sys; from modules.ops.cli import main; main(['users', '--help']); print(sorted({_HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "./hub users add helio ada@example.org --group researchers" in done.stdout

"""The words of ./hub vault: which it takes, and that --help needs no client of Vault."""

from __future__ import annotations

import subprocess
import sys

import pytest

from modules.ops.cli import main


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["unseal", "lab"], '"unseal" is none of init, configure, link-user, unlink-user, status, users'),
        (["init", "lab", "x"], "write ./hub vault init ENV"),
        (["link-user", "lab", "ada@example.org"], "write ./hub vault link-user ENV E-MAIL ROLE-ARN"),
        (["unlink-user", "lab"], "write ./hub vault unlink-user ENV E-MAIL"),
        (["init", "lab", "--dry-run"], "--dry-run says nothing to init"),
        (["users", "lab", "--no-test"], "--no-test says nothing to users"),
        (["unlink-user", "lab", "a@b.org", "--hub-user", "a"], "--hub-user says nothing to unlink-user"),
    ],
)
def test_words_it_does_not_take(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["vault", *words]) == 1
    assert says in capsys.readouterr().err


def test_the_verb_imports_no_client_until_it_runs() -> None:
    code = "import sys, modules.ops.cli; print([each for each in ('hvac', 'requests', 'boto3', 'kubernetes') if each in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"

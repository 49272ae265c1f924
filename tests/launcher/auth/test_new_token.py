"""A token for somebody."""

from __future__ import annotations

import pytest

from modules.launcher.auth.new_token import main
from modules.launcher.auth.tokens import Tokens
from modules.launcher.settings import parse
from modules.launcher.store import NoStore


def test_what_is_printed_for_the_settings_knows_the_token_that_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alice"]) == 0
    printed = capsys.readouterr()
    token = printed.out.strip()
    start = "secret_store: {secret_store_type: none}\nruntime: {runtime_type: eks, credentials: {in_cluster: true}}\n"
    auth = parse(start + printed.err, "x").auth
    assert auth is not None
    found = Tokens(auth.tokens, NoStore(), {}).find(token)
    assert found is not None
    assert found.name == "alice"
    assert token not in printed.err


@pytest.mark.parametrize("words", [[], ["a", "b"], ["--help"]])
def test_wrong_usage_is_told(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert "usage" in capsys.readouterr().err

"""Every broken file gives exactly the problems its row names: nothing missed, nothing made up, no traceback, no secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modules.config.load import load_env
from modules.config.problems import ConfigErrors
from modules.config.translate import SECRET_FIELDS
from tests._support.config_cases import SECRETS, load, rows, text

FILES = ("values", "across", "desktops", "launcher", "ray", "text", "files")
ROWS = [pytest.param(row, id=f"{name}.{row['case']}") for name in FILES for row in rows(name)]


def test_there_are_rows_and_each_has_a_name_of_its_own() -> None:
    assert len(ROWS) >= 150
    assert len({row.id for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS)
def test_gives_exactly_these_problems(row: dict[str, Any], tmp_path: Path) -> None:
    content = text(row)
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path, content)
    assert [[each.path, each.message] for each in caught.value.problems] == row["expect"]
    shown = str(caught.value)
    for secret in SECRETS.values():
        assert secret not in shown
    assert all(each.file == "envs/lab/hub.yaml" for each in caught.value.problems)


@pytest.mark.parametrize("row", ROWS)
def test_every_message_ends_with_what_to_do(row: dict[str, Any]) -> None:
    for _, message in row["expect"]:
        assert message.endswith((".", "?", ")")), message
        assert len(message) < 330, message


@pytest.mark.parametrize("field", sorted(SECRET_FIELDS))
def test_what_stands_where_a_secret_is_named_is_never_repeated(field: str, tmp_path: Path) -> None:
    place = {"credentials": "desktop"}.get(field, "auth")
    value = ["Hunter2!"] if field == "credentials" else "Hunter2!"
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path, text({"base": "full" if place == "desktop" else "minimal", "patch": {place: {field: value}}}))
    assert "Hunter2!" not in str(caught.value)


def test_the_line_is_where_the_value_was_written(tmp_path: Path) -> None:
    content = text({"base": "minimal"}) + "network:\n  nat: singel\n"
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path, content)
    assert content.splitlines()[caught.value.problems[0].line - 1] == "  nat: singel"


def test_an_unknown_env_names_the_known_ones(tmp_path: Path) -> None:
    load(tmp_path, text({}))
    with pytest.raises(ConfigErrors, match=r'there is no env "labs"; did you mean "lab"\?'):
        load_env(tmp_path, "labs")
    with pytest.raises(ConfigErrors, match="there is no env"):
        load_env(tmp_path, "../envs/lab")

"""The login's secrets: refused before they are kept, in the agent's own terms, and never repeated."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.desktop import login
from modules.ops.desktop.report import report_rows
from modules.ops.secrets import check_value
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_desktop.conftest import desktop_config

CANARY = "Canary-7-of-the-mine"
TWO = ("dcv-cred-user", "dcv-cred-passwd")


def pair(user: str, password: str) -> str:
    return f'{{"UserName": "{user}", "Password": "{password}"}}'


@pytest.mark.parametrize(
    ("credentials", "name", "value", "words"),
    [
        (("dcv-credentials",), "dcv-credentials", pair("ada", CANARY), ""),
        (("dcv-credentials",), "dcv-credentials", pair("ada", CANARY) + "\n", ""),
        (("dcv-credentials",), "dcv-credentials", CANARY, "no JSON object"),
        (("dcv-credentials",), "dcv-credentials", f'["{CANARY}"]', "no JSON object"),
        (("dcv-credentials",), "dcv-credentials", f'{{"username": "ada", "Password": "{CANARY}"}}', "no JSON object"),
        (("dcv-credentials",), "dcv-credentials", f'{{"UserName": "{CANARY}", "Password": 7}}', "no JSON object"),
        (("dcv-credentials",), "dcv-credentials", pair(CANARY, CANARY), "its UserName is not a name"),
        (("dcv-credentials",), "dcv-credentials", pair("root", CANARY), "its UserName is not a name"),
        (("dcv-credentials",), "dcv-credentials", pair("ada", ""), "its Password is empty"),
        (("dcv-credentials",), "dcv-credentials", pair("ada", f"{CANARY}\\n{CANARY}"), "its Password .* line break"),
        (TWO, "dcv-cred-user", "ada\n", ""),
        (TWO, "dcv-cred-user", f"{CANARY} x", "it is not a name"),
        (TWO, "dcv-cred-user", "null", "it is not a name"),
        (TWO, "dcv-cred-passwd", CANARY, ""),
        (TWO, "dcv-cred-passwd", "null", "it is empty"),
        (TWO, "dcv-cred-passwd", f"{CANARY}\n{CANARY}", "line break"),
        (TWO, "oauth-client-secret", f"{CANARY} of any shape", ""),
    ],
)
def test_shapes(credentials: tuple[str, ...], name: str, value: str, words: str) -> None:
    config = desktop_config(credentials=credentials)
    if not words:
        assert check_value(config, name, value) == value.rstrip("\n")
        return
    with pytest.raises(HubError, match=words) as caught:
        check_value(config, name, value)
    assert CANARY not in str(caught.value)
    assert "Nothing was changed" in caught.value.what


def test_an_env_without_desktops_has_no_such_shape() -> None:
    assert check_value(make_config(), "dcv-credentials", CANARY) == CANARY


def test_the_agent_has_the_same_rule(root: Path) -> None:
    text = (root / "images/dcv/agent/dcv_agent/vault.py").read_text(encoding="utf-8")
    pattern = re.search(r'_USER = re\.compile\(r"\^(.*)\$"\)', text)
    system = re.search(r"_SYSTEM = (\{.*\})", text)
    assert pattern is not None
    assert system is not None
    assert pattern[1] == login._USER.pattern
    assert set(re.findall(r'"(\w+)"', system[1])) == login._SYSTEM


def put(session: boto3.Session, config: HubConfig, *names: str, value: bool = True) -> None:
    secrets = session.client("secretsmanager", region_name=config.region)
    for name in names:
        fields: dict[str, Any] = {"SecretString": "x"} if value else {}
        secrets.create_secret(Name=f"{config.deployment}/{name}", **fields)


@pytest.mark.parametrize(
    ("credentials", "given", "words"),
    [
        (("dcv-credentials",), (), './hub secrets set lab dcv-credentials (JSON: {"UserName": ..., "Password": ...})'),
        (("dcv-credentials",), ("dcv-credentials",), ""),
        (TWO, ("dcv-cred-user",), "./hub secrets set lab dcv-cred-passwd"),
        (TWO, TWO, ""),
    ],
)
def test_the_report_names_what_is_missing(
    session: boto3.Session, install: Any, credentials: tuple[str, ...], given: tuple[str, ...], words: str
) -> None:
    config = desktop_config(credentials=credentials)
    install(config)
    put(session, config, *given)
    put(session, config, *(name for name in credentials if name not in given), value=False)
    rows = report_rows(config, session)
    assert rows["desktops"] == "./hub desktop connect lab"
    assert rows.get("no login", "").endswith(words)
    assert bool(rows.get("no login")) is bool(words)


def test_the_report_of_others(session: boto3.Session, install: Any) -> None:
    assert report_rows(make_config(), session) == {}
    config = desktop_config(exposure="nlb")
    install(config, desktop_url="https://lb.example:8443/#default-session")
    assert report_rows(config, session)["desktops"] == "https://lb.example:8443/#default-session"

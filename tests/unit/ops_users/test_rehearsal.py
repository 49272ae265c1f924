"""The whole of ./hub users in a rehearsal: the command line, the emulator as its own process, the state in its bucket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modules.config.models import HubConfig
from modules.ops.cli import main
from modules.rehearsal import session
from tests._support.rehearsed import account, rehearsed
from tests.unit.ops_users.conftest import POOL, cognito_config


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubConfig]:
    with rehearsed(cognito_config(), tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def running(env: HubConfig, tmp_path: Path) -> Iterator[None]:
    """Its rehearsal, with what installing stack data leaves."""
    client = account(env, tmp_path)
    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(**POOL)["UserPool"]["Id"]
    cognito.create_group(UserPoolId=pool, GroupName="gpu")
    state = {"version": 4, "serial": 1, "resources": [], "outputs": {"user_pool_id": {"value": pool}}}
    client("s3").put_object(Bucket=env.state_bucket, Key="lab/lab-data.tfstate", Body=json.dumps(state))
    yield
    session.stop(tmp_path, "lab")


def test_a_life(running: None, capsys: pytest.CaptureFixture[str]) -> None:
    def users(*words: str) -> dict[str, Any]:
        code = main(["users", *words, "--json"])
        found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert found["exit"] == code
        return found

    assert users("list", "lab")["users"] == []
    assert users("add", "lab", "ada@lab.test", "cy@lab.test", "--group", "gpu")["added"] == ["ada@lab.test", "cy@lab.test"]
    assert users("add", "lab", "ada@lab.test")["exit"] == 1
    assert users("groups", "lab", "remove", "cy@lab.test", "gpu")["changed"]
    assert users("groups", "lab")["groups"][0]["users"] == ["ada@lab.test"]
    assert users("reset", "lab", "Cy@lab.test")["sent"] == "invitation"
    assert users("disable", "lab", "cy@lab.test")["signed_out"]
    ada, cy = users("list", "lab")["users"]
    assert (ada["hub_name"], ada["status"][:13], ada["groups"], ada["mfa"]) == ("ada@lab.test", "invited until", ["gpu"], [])
    assert (cy["hub_name"], cy["status"], cy["groups"]) == ("cy@lab.test", "disabled", [])
    assert users("enable", "lab", "cy@lab.test")["changed"]


def test_before_it_runs(env: HubConfig, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["users", "list", "lab"]) == 1
    assert "the rehearsal of lab does not run, so it has no users\n  what to do  ./install.sh lab" in capsys.readouterr().err

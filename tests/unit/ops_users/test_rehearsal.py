"""The whole of ./hub users in a rehearsal: the command line, the emulator as its own process, the state in its bucket."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from modules.config.load import load_env
from modules.config.models import HubConfig
from modules.ops.cli import main, parts
from modules.rehearsal import session
from tests.unit.ops_users.conftest import POOL, cognito_config

_LEFT_OUT = {"env"}


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubConfig]:
    """Env lab of a checkout of its own. A verb takes over this process's AWS_ variables, so they are put back."""
    fields = cognito_config().model_dump(mode="json", exclude=_LEFT_OUT, exclude_defaults=True) | {"rehearsal": True}
    fields.pop("aws")
    folder = tmp_path / "envs" / "lab"
    folder.mkdir(parents=True)
    (folder / "hub.yaml").write_text(yaml.safe_dump(fields))
    monkeypatch.setattr(parts, "ROOT", tmp_path)
    before = dict(os.environ)
    yield load_env(tmp_path, "lab", judged=False)
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def running(env: HubConfig, tmp_path: Path) -> Iterator[None]:
    """Its rehearsal, with what installing stack data leaves."""
    found = session.environment(session.start(tmp_path, env), env)
    keys = {"aws_access_key_id": found["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": found["AWS_SECRET_ACCESS_KEY"]}
    account = boto3.Session(region_name=env.region, **keys)
    cognito: Any = account.client("cognito-idp", endpoint_url=found["AWS_ENDPOINT_URL"])
    pool = cognito.create_user_pool(**POOL)["UserPool"]["Id"]
    cognito.create_group(UserPoolId=pool, GroupName="gpu")
    s3: Any = account.client("s3", endpoint_url=found["AWS_ENDPOINT_URL"])
    s3.create_bucket(Bucket=env.state_bucket, CreateBucketConfiguration={"LocationConstraint": env.region})
    state = {"version": 4, "serial": 1, "resources": [], "outputs": {"user_pool_id": {"value": pool}}}
    s3.put_object(Bucket=env.state_bucket, Key="lab/lab-data.tfstate", Body=json.dumps(state))
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

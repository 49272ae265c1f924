"""The whole of ./hub restore in a rehearsal: the command line, the emulator as its own process, the state in its bucket."""

from __future__ import annotations

import json
import os
import urllib.request
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
from tests.unit.ops_aws.support import make_config

_LEFT_OUT = {"env"}


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubConfig]:
    """Env lab of a checkout of its own. A verb takes over this process's AWS_ variables, so they are put back."""
    fields = make_config().model_dump(mode="json", exclude=_LEFT_OUT, exclude_defaults=True) | {"rehearsal": True}
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
def url(env: HubConfig, tmp_path: Path) -> Iterator[str]:
    """Where its rehearsal answers, with what installing stack data leaves."""
    found = session.environment(session.start(tmp_path, env), env)
    keys = {"aws_access_key_id": found["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": found["AWS_SECRET_ACCESS_KEY"]}
    account = boto3.Session(region_name=env.region, **keys)

    def client(service: Any) -> Any:
        return account.client(service, endpoint_url=found["AWS_ENDPOINT_URL"])

    client("backup").create_backup_vault(BackupVaultName="lab")
    system = client("efs").create_file_system(CreationToken="homes", Encrypted=True)["FileSystemId"]
    client("s3").create_bucket(Bucket=env.state_bucket, CreateBucketConfiguration={"LocationConstraint": env.region})
    attributes = {
        "aws_efs_file_system": {"id": system},
        "aws_backup_vault": {"id": "lab", "name": "lab"},
        "aws_backup_selection": {"id": "s", "iam_role_arn": "arn:aws:iam::123456789012:role/lab-backup"},
    }
    held = [{"mode": "managed", "type": kind, "name": "x", "instances": [{"attributes": each}]} for kind, each in attributes.items()]
    state = {"version": 4, "serial": 1, "resources": held, "outputs": {}}
    client("s3").put_object(Bucket=env.state_bucket, Key="lab/lab-data.tfstate", Body=json.dumps(state))
    yield found["AWS_ENDPOINT_URL"]
    session.stop(tmp_path, "lab")


def test_a_life(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    def restore(*words: str) -> dict[str, Any]:
        code = main(["restore", "lab", *words, "--json"])
        found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert found["exit"] == code
        return found

    assert restore("--list")["points"] == []
    assert restore("--yes")["exit"] == 1
    point = restore("--backup-now")["point"]
    assert restore("--list")["points"] == [point]
    back = restore("--path", "/home/ada", "--point", point["point"], "--yes")
    new = restore("--new-file-system", "--yes")["new_file_system"]
    with urllib.request.urlopen(f"{url}/hubsmith/restored", timeout=10) as answer:
        made = json.load(answer)
    assert {system: [each["items"] for each in found] for system, found in made.items()} == {
        back["file_system"]: [["/home/ada"]],
        new: [[]],
    }


def test_before_it_runs(env: HubConfig, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restore", "lab", "--list"]) == 1
    assert "the rehearsal of lab does not run, so it has no backups\n  what to do  ./install.sh lab" in capsys.readouterr().err

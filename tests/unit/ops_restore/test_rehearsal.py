"""The whole of ./hub restore in a rehearsal: the command line, the emulator as its own process, the state in its bucket."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modules.config.models import HubConfig
from modules.ops.cli import main
from modules.rehearsal import session
from tests._support.rehearsed import account, rehearsed
from tests.unit.ops_aws.support import make_config


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubConfig]:
    with rehearsed(make_config(), tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def url(env: HubConfig, tmp_path: Path) -> Iterator[str]:
    """Where its rehearsal answers, with what installing stack data leaves."""
    client = account(env, tmp_path)
    client("backup").create_backup_vault(BackupVaultName="lab")
    system = client("efs").create_file_system(CreationToken="homes", Encrypted=True)["FileSystemId"]
    attributes = {
        "aws_efs_file_system": {"id": system},
        "aws_backup_vault": {"id": "lab", "name": "lab"},
        "aws_backup_selection": {"id": "s", "iam_role_arn": "arn:aws:iam::123456789012:role/lab-backup"},
    }
    held = [{"mode": "managed", "type": kind, "name": "x", "instances": [{"attributes": each}]} for kind, each in attributes.items()]
    state = {"version": 4, "serial": 1, "resources": held, "outputs": {}}
    client("s3").put_object(Bucket=env.state_bucket, Key="lab/lab-data.tfstate", Body=json.dumps(state))
    yield client("s3").meta.endpoint_url
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

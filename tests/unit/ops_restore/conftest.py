"""An installed env whose account is moto inside this process, with the rehearsal's AWS Backup: jobs go on with each look."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.backup.responses import BackupResponse
from moto.backup.urls import url_paths

from modules.common.tags import deployment_tags
from modules.config.models import HubConfig
from modules.ops.cli import main, parts
from modules.ops.restore import command, place
from modules.ops.restore.patience import Watch
from modules.ops.target import Target
from modules.rehearsal.emulator import backup, backup_jobs
from modules.rehearsal.emulator.answers import Regional
from tests.unit.ops_aws.support import ACCOUNT, make_config, new_session

ROLE = f"arn:aws:iam::{ACCOUNT}:role/hubsmith/lab-1/lab-backup"


@dataclass
class Account:
    """session: of the account. system: the env's file system."""

    config: HubConfig
    session: boto3.Session
    system: str = ""

    def client(self, service: str) -> Any:
        return self.session.client(service, region_name=self.config.region)

    @property
    def jobs(self) -> backup_jobs.Jobs:
        """What the emulator holds."""
        return backup_jobs.state.of(ACCOUNT, self.config.region)

    def make_system(self, token: str) -> str:
        tags = [{"Key": key, "Value": value} for key, value in deployment_tags(self.config.deployment, self.config.env).items()]
        return str(self.client("efs").create_file_system(CreationToken=token, Encrypted=True, Tags=tags)["FileSystemId"])

    def write_state(self, *kinds: str) -> None:
        """The state of stack data with these types in it."""
        known = {
            "aws_efs_file_system": {"id": self.system, "kms_key_id": ""},
            "aws_backup_vault": {"id": "lab", "name": "lab"},
            "aws_backup_selection": {"id": "s", "iam_role_arn": ROLE},
        }
        found = [{"mode": "managed", "type": kind, "name": "x", "instances": [{"attributes": known[kind]}]} for kind in kinds]
        body = json.dumps({"version": 4, "serial": 1, "resources": found, "outputs": {}})
        self.client("s3").put_object(Bucket=self.config.state_bucket, Key="lab/lab-data.tfstate", Body=body)

    def point(self, made: str, *, status: str = "COMPLETED", system: str = "") -> str:
        """A recovery point of that time; its ARN."""
        from datetime import datetime

        arn = f"arn:aws:elasticfilesystem:{self.config.region}:{ACCOUNT}:file-system/{system or self.system}"
        started = self.client("backup").start_backup_job(BackupVaultName="lab", ResourceArn=arn, IamRoleArn=ROLE)
        self.jobs.backups.clear()
        point = self.jobs.points[started["RecoveryPointArn"]]
        point |= {"CreationDate": datetime.fromisoformat(made), "Status": status}
        return str(started["RecoveryPointArn"])


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    """A session whose calls end in moto, its AWS Backup completed."""
    methods, paths = dict(vars(BackupResponse)), dict(url_paths)
    with mock_aws():
        backup.install()
        yield new_session()
    Regional.reset_all()
    url_paths.clear()
    url_paths.update(paths)
    for name, value in list(vars(BackupResponse).items()):
        if name not in methods:
            delattr(BackupResponse, name)
        elif methods[name] is not value:
            setattr(BackupResponse, name, methods[name])


@pytest.fixture
def account(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Account:
    """The env with its file system, vault and state."""
    made = Account(make_config(), session)
    made.client("s3").create_bucket(Bucket=made.config.state_bucket, CreateBucketConfiguration={"LocationConstraint": made.config.region})
    made.client("backup").create_backup_vault(BackupVaultName="lab")
    made.system = made.make_system("homes")
    made.write_state("aws_efs_file_system", "aws_backup_vault", "aws_backup_selection")
    monkeypatch.setattr(place, "resolve_target", lambda root, config: Target({}, {}, session, ACCOUNT, False, "account in moto"))
    wait(monkeypatch, Watch(pause=0))
    monkeypatch.setattr(parts, "run", lambda verb, env, as_json, body, judged: _run(body, made))
    return made


def wait(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    """Let every command wait in this way."""
    monkeypatch.setattr(command, "open_place", lambda root, config: replace(place.open_place(root, config), watch=watch))


def _run(body: Callable[[HubConfig], int], account: Account) -> int:
    return body(account.config)


@pytest.fixture
def hub(account: Account, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """`hub("--list")` is ./hub restore lab --list --json; the object it ends with. A HubError goes through."""

    def run(*words: str) -> dict[str, Any]:
        assert main(["restore", "lab", *words, "--json"]) == 0
        (line,) = capsys.readouterr().out.splitlines()
        found: dict[str, Any] = json.loads(line)
        return found

    return run

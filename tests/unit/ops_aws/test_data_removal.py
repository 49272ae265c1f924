"""Making data removable: only where it is asked for, and never the state bucket."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops import data_removal
from modules.ops.data_removal import remove_data, unprotect
from modules.ops.inventory import inventory, make_found
from tests._support.emulator import Emulator
from tests.unit.ops_aws.things import Maker

LIFTED = {"lifecycle": {"prevent_destroy": False}}
PROTECTED = {"lifecycle": {"prevent_destroy": True, "ignore_changes": ["x"]}}


@pytest.mark.parametrize(
    ("resources", "override"),
    [
        ({}, {}),
        ({"aws_vpc": {"main": {}}}, {}),
        ({"aws_s3_bucket": {"a": {"lifecycle": {"prevent_destroy": False}}}}, {}),
        ({"aws_s3_bucket": {"a": {"lifecycle": {"ignore_changes": ["x"]}}}}, {}),
        ({"aws_s3_bucket": {"a": PROTECTED, "b": {}}}, {"resource": {"aws_s3_bucket": {"a": LIFTED}}}),
        (
            {"aws_s3_bucket": {"a": PROTECTED}, "aws_kms_key": {"k": PROTECTED}},
            {"resource": {"aws_s3_bucket": {"a": LIFTED}, "aws_kms_key": {"k": LIFTED}}},
        ),
    ],
)
def test_the_override_lifts_exactly_what_is_protected(resources: dict[str, Any], override: dict[str, Any]) -> None:
    assert unprotect({"resource": resources}) == override


def test_a_document_without_resources() -> None:
    assert unprotect({}) == {}


def test_buckets_lose_all_versions_but_the_states_stay(session: boto3.Session, s3: Any, config: HubConfig) -> None:
    make = Maker(session, config)
    for name in ("lab-shared", config.state_bucket):
        make.bucket(name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        for body in (b"1", b"2"):
            s3.put_object(Bucket=name, Key="home/ada", Body=body)
        s3.delete_object(Bucket=name, Key="home/ada")
    said: list[str] = []
    remove_data(session, config, inventory(session, config), note=said.append)
    assert "Versions" not in s3.list_object_versions(Bucket="lab-shared")
    assert len(s3.list_object_versions(Bucket=config.state_bucket)["Versions"]) == 2
    assert said == ["bucket lab-shared: 3 versions removed"]


def test_unfinished_uploads_go_too(session: boto3.Session, s3: Any, config: HubConfig) -> None:
    Maker(session, config).bucket("lab-shared")
    s3.create_multipart_upload(Bucket="lab-shared", Key="big")
    remove_data(session, config, inventory(session, config))
    assert not s3.list_multipart_uploads(Bucket="lab-shared").get("Uploads")


def test_a_protected_pool_can_go(session: boto3.Session, config: HubConfig) -> None:
    cognito: Any = session.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="lab", DeletionProtection="ACTIVE")["UserPool"]["Id"]
    remove_data(session, config, [make_found(f"arn:aws:cognito-idp:us-east-2:123456789012:userpool/{pool}", {})])
    assert cognito.describe_user_pool(UserPoolId=pool)["UserPool"]["DeletionProtection"] == "INACTIVE"


class Vault:
    """A vault whose recovery points go `slow` looks after they were asked to."""

    def __init__(self, points: list[str], slow: int) -> None:
        self.points = points
        self.deleted: list[str] = []
        self._slow = slow

    def can_paginate(self, operation: str) -> bool:
        return False

    def list_recovery_points_by_backup_vault(self, BackupVaultName: str) -> dict[str, Any]:  # noqa: N803  # boto3's spelling
        if self.deleted:
            self._slow -= 1
        left = [] if self.deleted and self._slow <= 0 else self.points
        return {"RecoveryPoints": [{"RecoveryPointArn": point} for point in left]}

    def delete_recovery_point(self, BackupVaultName: str, RecoveryPointArn: str) -> None:  # noqa: N803
        self.deleted.append(RecoveryPointArn)


VAULT = make_found("arn:aws:backup:us-east-2:123456789012:backup-vault:lab", {})


def swap_in(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_removal.Clients, "get", lambda self, service, region="": vault)


def test_recovery_points_are_deleted_once_and_waited_for(
    session: boto3.Session, config: HubConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = Vault(["p1", "p2"], slow=3)
    swap_in(vault, monkeypatch)
    remove_data(session, config, [VAULT], pause=0.001)
    assert sorted(vault.deleted) == ["p1", "p2"]


def test_a_locked_vault_ends_in_a_sentence(session: boto3.Session, config: HubConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    swap_in(Vault(["p1"], slow=99), monkeypatch)
    with pytest.raises(HubError, match="the backup vault lab still holds 1 recovery points"):
        remove_data(session, config, [VAULT], seconds=0, pause=0.001)


def test_recovery_points_of_the_rehearsal_go_and_then_their_vault(emulator: Emulator, config: HubConfig) -> None:
    """AWS Backup deletes a point some time after it was asked to; the emulator, once it was looked at again."""
    session = emulator.session(config.region)
    backup, efs = session.client("backup"), session.client("efs")
    backup.create_backup_vault(BackupVaultName="lab")
    arn = efs.create_file_system(CreationToken="homes")["FileSystemArn"]
    for _ in range(2):
        backup.start_backup_job(BackupVaultName="lab", ResourceArn=arn, IamRoleArn="arn:aws:iam::123456789012:role/lab-backup")
    with pytest.raises(ClientError, match="contains recovery points"):
        backup.delete_backup_vault(BackupVaultName="lab")
    said: list[str] = []
    remove_data(session, config, [VAULT], note=said.append, pause=0.001)
    assert said == ["backup vault lab: waiting for 2 recovery points to go"]
    backup.delete_backup_vault(BackupVaultName="lab")
    assert emulator.faults() == []

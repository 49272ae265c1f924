"""Making what holds people's data removable: only for --delete-data, and only after it was confirmed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import boto3

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.aws_clients import Clients, pages
from modules.ops.bootstrap import empty_bucket
from modules.ops.failures.aws import doing, missing_is_fine
from modules.ops.homes.volumes import is_kept_volume
from modules.ops.inventory import Found
from modules.ops.life import Life
from modules.ops.restore.restored import is_restored
from modules.ops.sweep import is_state_backend
from modules.ops.synth import protected

#: A node that is gone lets go of its volumes within a minute or two.
_DETACH_SECONDS = 300.0
#: AWS Backup deletes a recovery point within some minutes.
_VAULT_SECONDS = 600.0
#: A mount target goes within a minute or two.
_MOUNT_SECONDS = 300.0
_PAUSE_SECONDS = 5.0


def unprotect(document: Mapping[str, Any]) -> dict[str, Any]:
    """An override document that lifts prevent_destroy wherever `document` (a stack's cdk.tf.json) sets it; {} for nowhere."""
    lifted: dict[str, dict[str, Any]] = {}
    for address in protected(document):
        kind, _, name = address.partition(".")
        lifted.setdefault(kind, {})[name] = {"lifecycle": {"prevent_destroy": False}}
    return {"resource": lifted} if lifted else {}


def remove_data(
    session: boto3.Session,
    config: HubConfig,
    found: Iterable[Found],
    *,
    note: Callable[[str], None] = lambda text: None,
    seconds: float = _VAULT_SECONDS,
    pause: float = _PAUSE_SECONDS,
) -> None:
    """Empty the buckets (all versions) and backup vaults among `found`, and lift the user pools' own protection: AWS refuses
    to delete these otherwise. Delete what no stack would: the volumes of homes and of the hub's database, and file systems that
    a restore made.

    The state bucket is left alone. Raises HubError when AWS refuses, a vault is not empty after `seconds`, or a volume or a file
    system stays in use.
    """
    clients = Clients(session, config.region)
    for item in found:
        if item.kind == "s3:bucket" and not is_state_backend(config, item):
            with doing(f"empty the bucket {item.id}"), missing_is_fine():
                note(f"bucket {item.id}: {empty_bucket(clients.get('s3'), item.id)} versions removed")
        elif item.kind == "backup:backup-vault":
            with doing(f"empty the backup vault {item.id}"), missing_is_fine():
                _empty_vault(clients.get("backup"), item.id, note, seconds, pause)
        elif item.kind == "cognito-idp:userpool":
            with doing(f"lift the protection of the user pool {item.id}"), missing_is_fine():
                _unprotect_pool(clients.get("cognito-idp"), item.id)
        elif is_kept_volume(item):
            with doing(f"delete the volume {item.id}"), missing_is_fine():
                _delete_volume(clients.get("ec2"), item.id, note, pause)
        elif is_restored(item) and item.life is Life.LIVE:
            with doing(f"delete the file system {item.id}"), missing_is_fine():
                _delete_system(clients.get("efs"), item.id, note, pause)


def _delete_volume(ec2: Any, volume: str, note: Callable[[str], None], pause: float) -> None:
    deadline = time.monotonic() + _DETACH_SECONDS
    while (found := ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0])["State"] == "in-use":
        node = next((each["InstanceId"] for each in found.get("Attachments", ())), "something")
        if time.monotonic() > deadline:
            raise HubError(f"the volume {volume} is still attached to {node}", fix="end that instance, then run the same command again")
        note(f"volume {volume}: waiting for {node} to let go of it")
        time.sleep(pause)
    ec2.delete_volume(VolumeId=volume)
    note(f"volume {volume}: deleted")


def _delete_system(efs: Any, system: str, note: Callable[[str], None], pause: float) -> None:
    """AWS refuses while it has a mount target, which somebody made by hand to copy from it."""
    deadline = time.monotonic() + _MOUNT_SECONDS
    asked: set[str] = set()
    while targets := {each["MountTargetId"] for each in pages(efs, "describe_mount_targets", "MountTargets", FileSystemId=system)}:
        for target in sorted(targets - asked):
            with missing_is_fine():
                efs.delete_mount_target(MountTargetId=target)
            asked.add(target)
        if time.monotonic() > deadline:
            raise HubError(
                f"the file system {system} still has the mount target {', '.join(sorted(targets))}",
                fix="look at it in the EFS console; run the same command again when it is gone",
            )
        note(f"file system {system}: waiting for {len(targets)} mount targets to go")
        time.sleep(pause)
    efs.delete_file_system(FileSystemId=system)
    note(f"file system {system}: deleted")


def _empty_vault(backup: Any, vault: str, note: Callable[[str], None], seconds: float, pause: float) -> None:
    deadline = time.monotonic() + seconds
    asked: set[str] = set()
    while points := list(pages(backup, "list_recovery_points_by_backup_vault", "RecoveryPoints", BackupVaultName=vault)):
        for arn in {point["RecoveryPointArn"] for point in points} - asked:
            with missing_is_fine():
                backup.delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=arn)
            asked.add(arn)
        if time.monotonic() > deadline:
            raise HubError(
                f"the backup vault {vault} still holds {len(points)} recovery points after {seconds:.0f} s",
                fix="look for a vault lock in the AWS Backup console; run the same command again when they are gone",
            )
        note(f"backup vault {vault}: waiting for {len(points)} recovery points to go")
        time.sleep(pause)


def _unprotect_pool(cognito: Any, pool: str) -> None:
    # The call sets what it is not given back to defaults, which does not matter to a pool that is about to go.
    if cognito.describe_user_pool(UserPoolId=pool)["UserPool"].get("DeletionProtection") == "ACTIVE":
        cognito.update_user_pool(UserPoolId=pool, DeletionProtection="INACTIVE")

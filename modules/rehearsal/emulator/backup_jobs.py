"""AWS Backup: jobs that make recovery points of file systems and restore them, none of which moto has.

There is no file data in moto, so a recovery point is an entry in a list, and a restore into a file system is a name in
another: see `directories`. A restore to a new file system makes one in moto. A job goes one step further each time somebody
looks, so nothing here waits for a clock.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from modules.rehearsal.emulator.answers import Answers, Call, Document, Refused, Regional, now

answers = Answers()
_EFS = "EFS"
#: Looks until a job is done: the first finds it running.
_STEPS = 2
#: Without these, API_StartRestoreJob says, a file system cannot be restored; the last two are only for a new one.
_ALWAYS, _NEW = ("file-system-id", "newFileSystem"), ("CreationToken", "PerformanceMode")


@dataclass
class Jobs:
    """points: ARN → as it is listed. backups, restores: id → as described. directories: file system → what restores put there.
    failure: why the next restore is to fail, for tests."""

    points: dict[str, Document] = field(default_factory=dict)
    backups: dict[str, Document] = field(default_factory=dict)
    restores: dict[str, Document] = field(default_factory=dict)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    looks: dict[str, int] = field(default_factory=dict)
    directories: dict[str, list[Document]] = field(default_factory=dict)
    failure: str = ""


state: Regional[Jobs] = Regional(Jobs)
#: Below moto's own paths; a slash at the end is the SDK for Python's.
PATHS = (
    "/backup-jobs",
    "/backup-jobs/(?P<job>[^/]+)",
    "/restore-jobs",
    "/restore-jobs/(?P<job>[^/]+)",
    "/backup-vaults/(?P<name>[^/]+)/recovery-points/(?P<point>[^/]+)",
    "/backup-vaults/(?P<name>[^/]+)/recovery-points/(?P<point>[^/]+)/restore-metadata",
    "/resources/(?P<resource>.+)/recovery-points",
)


def restored() -> Document:
    """File system → the directories that restores made in it, in every account: what a rehearsal has instead of files."""
    return {system: made for _, jobs in state.items() for system, made in jobs.directories.items()}


@answers("StartBackupJob")
def _start_backup(call: Call) -> Document:
    vault, arn = vault_of(call), call["ResourceArn"]
    _file_system(call, arn)
    job, stamp = str(uuid.uuid4()).upper(), now()
    point = f"arn:{call.partition}:backup:{call.region}:{call.account}:recovery-point:{uuid.uuid4()}"
    shared = {
        "RecoveryPointArn": point,
        "BackupVaultName": vault.backup_vault_name,
        "BackupVaultArn": vault.backup_vault_arn,
        "ResourceArn": arn,
        "ResourceType": _EFS,
        "IamRoleArn": call["IamRoleArn"],
        "CreationDate": stamp,
    }
    lifecycle = dict(call.get("Lifecycle", {}))
    days = lifecycle.get("DeleteAfterDays")
    jobs = _jobs(call)
    jobs.points[point] = {
        **shared,
        "Status": "CREATING",
        "IsEncrypted": True,
        "EncryptionKeyArn": vault.encryption_key_arn,
        "Lifecycle": lifecycle,
        "CalculatedLifecycle": {"DeleteAt": stamp + timedelta(days=days)} if days else {},
    }
    jobs.backups[job] = {**shared, "BackupJobId": job, "AccountId": call.account, "State": "CREATED", "PercentDone": "0.0"}
    return {"BackupJobId": job, "RecoveryPointArn": point, "CreationDate": stamp}


@answers("DescribeBackupJob")
def _describe_backup(call: Call) -> Document:
    return _looked_at(call, _one(_jobs(call).backups, call["BackupJobId"], "Backup job"), "State")


@answers("ListRecoveryPointsByBackupVault")
def _list_points(call: Call) -> Document:
    name, resource = vault_of(call).backup_vault_name, call.get("ByResourceArn", "")
    rows = [each for each in _points(call) if each["BackupVaultName"] == name and resource in ("", each["ResourceArn"])]
    return {"RecoveryPoints": rows}


@answers("ListRecoveryPointsByResource")
def _list_points_of(call: Call) -> Document:
    return {"RecoveryPoints": [each for each in _points(call) if each["ResourceArn"] == call["ResourceArn"]]}


@answers("DescribeRecoveryPoint")
def _describe_point(call: Call) -> Document:
    return {**_point(call), "StorageClass": "WARM"}


@answers("GetRecoveryPointRestoreMetadata")
def _restore_metadata(call: Call) -> Document:
    point = _point(call)
    system = point["ResourceArn"].rpartition("/")[2]
    metadata = {"file-system-id": system, "Encrypted": "true", "PerformanceMode": "generalPurpose", "newFileSystem": "false"}
    same = {key: point[key] for key in ("BackupVaultArn", "RecoveryPointArn", "ResourceType")}
    return {**same, "RestoreMetadata": metadata}


@answers("DeleteRecoveryPoint")
def _delete_point(call: Call) -> Document:
    _point(call)["Status"] = "DELETING"
    return {}


@answers("DeleteBackupVault")
def _delete_vault(call: Call) -> Document:
    from moto.backup.models import backup_backends

    name = vault_of(call).backup_vault_name
    if any(each["BackupVaultName"] == name for each in _jobs(call).points.values()):
        raise Refused("InvalidRequestException", f"Backup vault {name} cannot be deleted because it contains recovery points")
    backup_backends[call.account][call.region].delete_backup_vault(name)
    return {}


@answers("StartRestoreJob")
def _start_restore(call: Call) -> Document:
    jobs, metadata = _jobs(call), dict(call["Metadata"])
    point = jobs.points.get(call["RecoveryPointArn"])
    if point is None:
        raise Refused("ResourceNotFoundException", f"Recovery point {call['RecoveryPointArn']} does not exist")
    if point["Status"] != "COMPLETED":
        raise Refused("InvalidRequestException", f"Recovery point is {point['Status']}")
    is_new = metadata.get("newFileSystem") == "true"
    if missing := [key for key in (*_ALWAYS, *(_NEW if is_new else ())) if not metadata.get(key)]:
        raise Refused("MissingParameterValueException", f"Metadata lacks {', '.join(missing)}")
    if metadata.get("KmsKeyId") and metadata.get("Encrypted") != "true":
        raise Refused("InvalidParameterValueException", "KmsKeyId needs Encrypted to be true")
    if not isinstance(json.loads(metadata.get("itemsToRestore", "[]")), list):
        raise Refused("InvalidParameterValueException", "itemsToRestore is no list")
    job, stamp = str(uuid.uuid4()).upper(), now()
    jobs.asked[job] = metadata
    jobs.restores[job] = {
        "RestoreJobId": job,
        "AccountId": call.account,
        "RecoveryPointArn": call["RecoveryPointArn"],
        "SourceResourceArn": point["ResourceArn"],
        "BackupVaultArn": point["BackupVaultArn"],
        "IamRoleArn": call.get("IamRoleArn", ""),
        "ResourceType": _EFS,
        "CreationDate": stamp,
        "Status": "PENDING",
        "PercentDone": "0.00%",
    }
    return {"RestoreJobId": job}


@answers("DescribeRestoreJob")
def _describe_restore(call: Call) -> Document:
    return _looked_at(call, _one(_jobs(call).restores, call["RestoreJobId"], "Restore job"), "Status")


@answers("ListRestoreJobs")
def _list_restores(call: Call) -> Document:
    status = call.get("ByStatus", "")
    return {"RestoreJobs": [each for each in _jobs(call).restores.values() if status in ("", each["Status"])]}


def vault_of(call: Call) -> Any:
    """moto's vault that a request names."""
    from moto.backup.models import backup_backends

    vault = backup_backends[call.account][call.region].vaults.get(call["BackupVaultName"])
    if vault is None:
        raise Refused("ResourceNotFoundException", f"Backup vault {call['BackupVaultName']} does not exist")
    return vault


def _jobs(call: Call) -> Jobs:
    return state.of(call.account, call.region)


def _one(found: dict[str, Document], id: str, what: str) -> Document:
    if id not in found:
        raise Refused("ResourceNotFoundException", f"{what} {id} does not exist")
    return found[id]


def _point(call: Call) -> Document:
    point = _one(_jobs(call).points, call["RecoveryPointArn"], "Recovery point")
    if point["BackupVaultName"] != call["BackupVaultName"]:
        raise Refused("ResourceNotFoundException", f"Recovery point {call['RecoveryPointArn']} is in another vault")
    return point


def _points(call: Call) -> list[Document]:
    """All of them; what was DELETING when it was last looked at is gone, and backups go on, watched or not."""
    jobs = _jobs(call)
    for arn in [arn for arn, each in jobs.points.items() if each["Status"] == "DELETING"]:
        del jobs.points[arn]
    for job in jobs.backups.values():
        _looked_at(call, job, "State")
    return list(jobs.points.values())


def _looked_at(call: Call, job: Document, key: str) -> Document:
    """The job, one step further than it was."""
    jobs, id = _jobs(call), job.get("BackupJobId") or job["RestoreJobId"]
    if job[key] in ("COMPLETED", "FAILED"):
        return job
    jobs.looks[id] = jobs.looks.get(id, 0) + 1
    done = jobs.looks[id] >= _STEPS
    job[key], job["PercentDone"] = ("COMPLETED", "100.00%") if done else ("RUNNING", "50.00%")
    if done:
        job["CompletionDate"] = now()
        if key == "Status":
            _end_restore(call, job)
        elif (point := jobs.points.get(job["RecoveryPointArn"])) is not None:
            point |= {"Status": "COMPLETED", "CompletionDate": job["CompletionDate"], "BackupSizeInBytes": 0}
    return job


def _end_restore(call: Call, job: Document) -> None:
    jobs = _jobs(call)
    if jobs.failure:
        job |= {"Status": "FAILED", "StatusMessage": jobs.failure}
        jobs.failure = ""
        return
    metadata = jobs.asked[job["RestoreJobId"]]
    system = _new_file_system(call, metadata) if metadata["newFileSystem"] == "true" else metadata["file-system-id"]
    job["CreatedResourceArn"] = f"arn:{call.partition}:elasticfilesystem:{call.region}:{call.account}:file-system/{system}"
    made = {
        "directory": f"aws-backup-restore_{job['CreationDate']:%Y-%m-%dT%H-%M-%S-%fZ}",
        "items": json.loads(metadata.get("itemsToRestore", "[]")),
        "point": job["RecoveryPointArn"],
    }
    jobs.directories.setdefault(system, []).append(made)


def _new_file_system(call: Call, metadata: dict[str, str]) -> str:
    from moto.efs.models import efs_backends

    made = efs_backends[call.account][call.region].create_file_system(
        creation_token=metadata["CreationToken"],
        performance_mode=metadata["PerformanceMode"],
        encrypted=metadata.get("Encrypted") == "true",
        kms_key_id=metadata.get("KmsKeyId", ""),
        throughput_mode="bursting",
        provisioned_throughput_in_mibps=0,
        availability_zone_name="",
        backup=False,
        tags=[],
    )
    return str(made.file_system_id)


def _file_system(call: Call, arn: str) -> None:
    from moto.efs.models import efs_backends

    if arn.rpartition("/")[2] not in efs_backends[call.account][call.region].file_systems_by_id:
        raise Refused("ResourceNotFoundException", f"{arn} does not exist")

"""Jobs of AWS Backup: started, found, and followed to their end."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from botocore.exceptions import ClientError

from modules.common.errors import HubError
from modules.ops.aws_clients import pages
from modules.ops.failures.aws import doing, is_missing
from modules.ops.restore.place import Place
from modules.ops.restore.points import Point
from modules.ops.restore.restored import restored_tags

#: "An array of one to five strings where each string is a file path", of ItemsToRestore,
#: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartRestoreJob.html. (The guide's page on EFS knows of no limit but the
#: 200 KB of all metadata; five is what both allow.)
PATHS_MAX = 5
_BACKUP, _RESTORE = "backup", "restore"
_RUNNING = ("PENDING", "RUNNING")
_ENDED = {"COMPLETED", "FAILED", "ABORTED", "EXPIRED", "PARTIAL"}


@dataclass(frozen=True)
class Job:
    """kind: backup or restore. created: the file system that a restore went into, "" for none yet. started: UTC."""

    kind: str
    id: str
    status: str
    done: str
    message: str
    point: str
    created: str
    started: str

    @property
    def name(self) -> str:
        """`restore job 1234`."""
        return f"{self.kind} job {self.id}"


def start_backup(place: Place) -> str:
    """Start a backup of the file system, kept as long as the plan's own. The job's id. Raises HubError when AWS refuses."""
    with doing(f"start a backup of {place.system}"):
        started = place.backup.start_backup_job(
            BackupVaultName=place.vault,
            ResourceArn=place.system_arn,
            IamRoleArn=place.role,
            IdempotencyToken=uuid.uuid4().hex,
            Lifecycle={"DeleteAfterDays": place.config.storage.backup.keep_days},
        )
    return str(started["BackupJobId"])


def start_restore(place: Place, point: Point, paths: Sequence[str], *, new: bool) -> str:
    """Start a restore. paths: all when empty. new: into a file system that is made for it. The job's id. Raises HubError when AWS
    refuses."""
    with doing(f"restore {point.name}"):
        held = place.backup.get_recovery_point_restore_metadata(BackupVaultName=place.vault, RecoveryPointArn=point.arn)
        started = place.backup.start_restore_job(
            RecoveryPointArn=point.arn,
            IamRoleArn=place.role,
            ResourceType="EFS",
            IdempotencyToken=uuid.uuid4().hex,
            Metadata=metadata(place, dict(held["RestoreMetadata"]), paths, new=new),
        )
    return str(started["RestoreJobId"])


def metadata(place: Place, held: dict[str, str], paths: Sequence[str], *, new: bool) -> dict[str, str]:
    """What AWS Backup asks for of an EFS restore, https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartRestoreJob.html.

    held: what it keeps with the point. The key is the one of the env's file system, so that a restore is readable where that is.
    """
    made = {
        "file-system-id": held.get("file-system-id", place.system),
        "newFileSystem": str(new).lower(),
        "Encrypted": "true",
        "PerformanceMode": held.get("PerformanceMode", "generalPurpose"),
        "CreationToken": f"{place.config.deployment}-restored-{uuid.uuid4().hex[:12]}",
    }
    if place.key:
        made["KmsKeyId"] = place.key
    if paths:
        # So spelled in the example of that page, whose table says ItemsToRestore.
        made["itemsToRestore"] = json.dumps(list(paths))
    return made


def running_restore(place: Place, point: Point) -> str:
    """The id of a restore of that point which has not ended; "" for none. Raises HubError when AWS refuses."""
    with doing("look for restores that are running"):
        for status in _RUNNING:
            for job in pages(place.backup, "list_restore_jobs", "RestoreJobs", ByStatus=status):
                if job.get("RecoveryPointArn") == point.arn:
                    return str(job["RestoreJobId"])
    return ""


def look(place: Place, kind: str, id: str) -> Job:
    """A job as it stands. Raises HubError when AWS refuses or does not know it."""
    with doing(f"look at the {kind} job {id}"):
        return _describe(place, kind, id)


def find(place: Place, id: str) -> Job:
    """A job of either kind. Raises HubError when there is none of that id."""
    with doing(f"look for the job {id}"):
        for kind in (_RESTORE, _BACKUP):
            try:
                return _describe(place, kind, id)
            except ClientError as error:
                if not is_missing(error):
                    raise
    raise HubError(f"AWS Backup knows no job {id} in {place.config.region}", fix=f"./hub restore {place.config.env} --list shows points")


def follow(place: Place, kind: str, id: str, note: Callable[[str], None]) -> Job:
    """Wait for the end of a job. Raises HubError when it fails, when time is up, and on Ctrl-C (the job goes on)."""
    seen: list[Job] = []

    def step() -> tuple[bool, str]:
        seen[:] = [look(place, kind, id)]
        job = seen[0]
        return job.status in _ENDED, job.status.lower() + (f" {job.done}" if job.done else "")

    again = f"./hub restore {place.config.env} --follow {id}"
    place.watch.until(step, note, job=f"{kind} job {id}", again=again)
    (job,) = seen
    if job.status != "COMPLETED":
        why = f": {job.message}" if job.message else ""
        raise HubError(f"the {job.name} ended as {job.status}{why}", fix=_advice(place, job))
    return job


def adopt(place: Place, system: str) -> None:
    """Tag a file system that a restore made, so that the deployment's inventory finds it. Raises HubError when AWS refuses."""
    tags = restored_tags(place.config)
    with doing(f"tag the new file system {system}"):
        place.efs.tag_resource(ResourceId=system, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])


def _advice(place: Place, job: Job) -> str:
    if job.kind == _RESTORE:
        return "nothing was overwritten; put right what it says (a path is as in the file system: /home/<user>), then run it again"
    return f"put right what it says, then ./hub restore {place.config.env} --backup-now again"


def _describe(place: Place, kind: str, id: str) -> Job:
    found: dict[str, Any]
    if kind == _BACKUP:
        found = place.backup.describe_backup_job(BackupJobId=id)
    else:
        found = place.backup.describe_restore_job(RestoreJobId=id)
    percent = str(found.get("PercentDone") or "").rstrip("%")
    return Job(
        kind=kind,
        id=id,
        status=found["State" if kind == _BACKUP else "Status"],
        done=f"{percent} %" if percent else "",
        message=str(found.get("StatusMessage") or ""),
        point=str(found.get("RecoveryPointArn") or ""),
        created=str(found.get("CreatedResourceArn") or "").rpartition("/")[2],
        started=f"{found['CreationDate'].astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    )

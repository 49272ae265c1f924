"""How recovery points and restores are said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from modules.config.models import HubConfig
from modules.ops.restore.jobs import Job
from modules.ops.restore.place import Place
from modules.ops.restore.points import Point

_HEAD = ("made (UTC)", "size", "status", "kept until", "storage", "file system")
_GIB = 2**30
#: "AWS Backup creates a new Amazon EFS directory (aws-backup-restore_datetime) off of the root directory",
#: https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-efs.html; no call tells the name.
DIRECTORY = "aws-backup-restore_<date and time>"
_HOW = 'docs/homes.md, "Backups and restore"'


def table(points: Sequence[Point]) -> list[str]:
    """One line a point below a head."""
    rows = [_HEAD, *(_cells(point) for point in points)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return [("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip() for row in rows]


def row(point: Point) -> dict[str, Any]:
    """One point for --json."""
    return {
        "point": point.name,
        "arn": point.arn,
        "bytes": point.size,
        "status": point.status,
        "reason": point.reason,
        "kept_until": f"{point.until:%Y-%m-%dT%H:%M:%SZ}" if point.until else None,
        "cold": point.cold,
        "file_system": point.system,
    }


def none_yet(config: HubConfig) -> str:
    """Instead of an empty table."""
    backup = config.storage.backup
    when = f"makes the first at its next time, {backup.schedule} in UTC" if backup.enabled else "is off (storage.backup.enabled)"
    return f"no recovery point yet: the plan {when}; ./hub restore {config.env} --backup-now makes one at once"


def wanted(place: Place, point: Point, paths: Sequence[str], *, new: bool) -> str:
    """`/home/ada of 2026-11-20T05:00:12Z into a new directory of fs-1`."""
    what = ", ".join(paths) if paths else "everything"
    where = "a new file system" if new else f"a new directory of {place.system}, beside what is there"
    slow = "; it is in cold storage, which takes hours longer" if point.cold else ""
    return f"{what} of {point.name} into {where}{slow}"


def next_steps(place: Place, job: Job, *, new: bool) -> list[str]:
    """What a person has now, and what is left to do by hand."""
    if new:
        return [
            f"{job.created} holds it below /{DIRECTORY}. It is encrypted with this env's key and tagged as its own, so a cleanup lists it;",
            "Terraform does not know it: nothing mounts it, it has no mount target, and only you or cleanup --delete-data deletes it.",
            f"How to mount it and copy from it: {_HOW}",
        ]
    return [
        f"it lies in {job.created or place.system} below /{DIRECTORY}, of {job.started} or soon after; nothing was overwritten.",
        "No user sees that directory: an access point shows one tree. Who has the deployer's rights and kubectl copies it back:",
        _HOW,
    ]


def _cells(point: Point) -> tuple[str, ...]:
    until = f"{point.until:%Y-%m-%d}" if point.until else "for good"
    return (point.name, f"{point.size / _GIB:.1f} GiB", point.status, until, "cold" if point.cold else "warm", point.system)

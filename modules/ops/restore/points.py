"""Recovery points: what AWS Backup holds of the file system, and which of them a person means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from modules.common.errors import HubError
from modules.ops.aws_clients import pages
from modules.ops.failures.aws import doing
from modules.ops.restore.place import Place

COMPLETED, LATEST = "COMPLETED", "latest"
_SHOWN = 5


@dataclass(frozen=True)
class Point:
    """One recovery point. made: UTC. size: bytes. until: when AWS Backup deletes it, None for never. cold: it takes hours longer
    to come back. system: the file system it was made of."""

    arn: str
    made: datetime
    size: int
    status: str
    until: datetime | None
    cold: bool
    system: str
    reason: str = ""

    @property
    def name(self) -> str:
        """Its time, as --point takes it: `2026-11-20T05:00:12Z`."""
        return f"{self.made:%Y-%m-%dT%H:%M:%SZ}"


def list_points(place: Place) -> tuple[Point, ...]:
    """Every recovery point of a file system in the env's vault, the newest first; those of a file system that was replaced too.
    Raises HubError when AWS refuses."""
    with doing(f"list the recovery points in the vault {place.vault}"):
        found = list(pages(place.backup, "list_recovery_points_by_backup_vault", "RecoveryPoints", BackupVaultName=place.vault))
    points = [_point(each) for each in found if each.get("ResourceType", "EFS") == "EFS"]
    return tuple(sorted(points, key=lambda point: point.made, reverse=True))


def choose(place: Place, points: Sequence[Point], wanted: str) -> Point:
    """The point that `wanted` means: latest (of the file system as it is), its ARN, or the beginning of its time.

    Raises HubError when there is none, more than one, or it is not complete.
    """
    env = place.config.env
    if not points:
        raise HubError(f"the vault {place.vault} holds no recovery point yet", fix=f"./hub restore {env} --backup-now makes one")
    found = _meant(place, points, wanted)
    if not found and wanted == LATEST:
        fix = f"wait for it (./hub restore {env} --list), or name one of another file system with --new-file-system"
        raise HubError(f"no recovery point of {place.system} is complete; the newest is {points[0].name}, {points[0].status}", fix=fix)
    if not found:
        raise HubError(f'no recovery point is called "{wanted}"; there are {_some(points)}', fix=f"./hub restore {env} --list shows all")
    if len(found) > 1:
        raise HubError(f'"{wanted}" fits {len(found)} recovery points: {_some(found)}', fix="write more of its time, or its ARN")
    (point,) = found
    if point.status != COMPLETED:
        why = f" ({point.reason})" if point.reason else ""
        raise HubError(f"the recovery point {point.name} is {point.status}{why}, not {COMPLETED}", fix="wait for it, or choose another")
    return point


def _meant(place: Place, points: Sequence[Point], wanted: str) -> list[Point]:
    if wanted == LATEST:
        return [each for each in points if each.status == COMPLETED and each.system == place.system][:1]
    if wanted.startswith("arn:"):
        return [each for each in points if each.arn == wanted]
    start = wanted.replace(" ", "T")
    return [each for each in points if start and each.name.startswith(start)]


def _some(points: Sequence[Point]) -> str:
    return ", ".join(each.name for each in points[:_SHOWN]) + (f" and {len(points) - _SHOWN} older" if len(points) > _SHOWN else "")


def _point(found: dict[str, Any]) -> Point:
    life = found.get("CalculatedLifecycle") or {}
    frozen = life.get("MoveToColdStorageAt")
    return Point(
        arn=found["RecoveryPointArn"],
        made=found["CreationDate"].astimezone(UTC),
        size=int(found.get("BackupSizeInBytes") or 0),
        status=found["Status"],
        until=life["DeleteAt"].astimezone(UTC) if life.get("DeleteAt") else None,
        cold=frozen is not None and frozen <= datetime.now(UTC),
        system=str(found.get("ResourceArn", "")).rpartition("/")[2],
        reason=str(found.get("StatusMessage") or ""),
    )

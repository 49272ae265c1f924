"""How volumes are said: in a table, in a cleanup's report, and what they cost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from modules.catalog.volumes import month
from modules.ops.homes.volumes import Volume

_HEAD = ("whose", "volume", "size", "zone", "made", "attached", "USD a month")


def table(volumes: Iterable[Volume], region: str) -> list[str]:
    """One line a volume below a head."""
    rows = [_HEAD, *(_cells(volume, region) for volume in volumes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return [("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip() for row in rows]


def row(volume: Volume, region: str) -> dict[str, Any]:
    """One volume for --json."""
    return {
        "volume": volume.id,
        "purpose": str(volume.purpose),
        "owner": volume.owner,
        "claim": volume.claim,
        "namespace": volume.namespace,
        "gib": volume.gib,
        "zone": volume.zone,
        "state": volume.state,
        "created": volume.created.isoformat(),
        "node": volume.node,
        "attached_since": volume.since.isoformat() if volume.since else None,
        "usd_month": _usd(volume.gib, region),
    }


def kept_line(volume: Volume, region: str) -> str:
    """One volume that a cleanup leaves, or would take."""
    cost = _usd(volume.gib, region)
    price = "" if cost is None else f", about {cost:.2f} USD a month"
    return f"{volume.what}: {volume.gib} GiB in {volume.zone}{price} (ec2:volume {volume.id})"


def _cells(volume: Volume, region: str) -> tuple[str, ...]:
    cost = _usd(volume.gib, region)
    attached = f"to {volume.node}" if volume.node else "no"
    if volume.since:
        attached += f" since {volume.since:%Y-%m-%d %H:%M}"
    made = f"{volume.created:%Y-%m-%d}"
    name = volume.owner or volume.what
    return (name, volume.id, f"{volume.gib} GiB", volume.zone, made, attached, "?" if cost is None else f"{cost:.2f}")


def _usd(gib: int, region: str) -> float | None:
    cost = month(gib, region)
    return None if cost is None else round(cost, 2)

"""./hub launcher status: what runs, whose it is, and for how long."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from modules.config.models import HubConfig
from modules.ops.cluster_api import open_cluster
from modules.ops.launcher.processes import Process, processes_of
from modules.ops.launcher.scene import open_scene
from modules.ops.say import out

_HEAD = ("process", "namespace", "owner", "group", "state", "age")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def status(root: Path, config: HubConfig, *, as_json: bool) -> int:
    """Print the processes, one a line. Exit 0 also when there is none. Raises HubError when the cluster cannot be asked."""
    scene = open_scene(root, config)
    found = processes_of(open_cluster(root, config, scene.target), scene.settings)
    if as_json:
        rows = [_row(each) for each in found]
        out(json.dumps({"env": config.env, "command": "launcher", "action": "status", "exit": 0, "processes": rows}))
        return 0
    out(f"{config.env}: {len(found)} process{'' if len(found) == 1 else 'es'}")
    for line in table(found, datetime.now(UTC)):
        out(line)
    if config.rehearsal:
        out("  a rehearsal runs no pod, the launcher's own included")
    return 0


def table(processes: tuple[Process, ...], now: datetime) -> list[str]:
    """One line a process below a head, and under them why one does not run; nothing for none."""
    if not processes:
        return []
    rows = [_HEAD, *(_cells(each, now) for each in processes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = [("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip() for row in rows]
    return [*lines, *(f"  {each.name}: {each.reason}" for each in processes if each.reason)]


def age(seconds: float) -> str:
    """As kubectl has it: the largest unit alone."""
    for unit, size in (("d", _DAY), ("h", _HOUR), ("m", _MINUTE)):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{max(0, int(seconds))}s"


def _cells(process: Process, now: datetime) -> tuple[str, ...]:
    lived = age((now - process.created).total_seconds())
    return (process.name, process.namespace, process.owner or "nobody", process.group or "none", process.state, lived)


def _row(process: Process) -> dict[str, Any]:
    return {
        "name": process.name,
        "namespace": process.namespace,
        "owner": process.owner or None,
        "group": process.group or None,
        "state": process.state,
        "reason": process.reason or None,
        "created": process.created.isoformat(),
        "expires": process.expires or None,
    }

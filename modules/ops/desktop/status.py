"""./hub desktop status: the desktops of an env, who is on them, and how to reach them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from modules.common import desktops as refs
from modules.config.models import HubConfig
from modules.ops.cluster_api import Replicas
from modules.ops.desktop.board import Published
from modules.ops.desktop.scene import Scene, open_scene
from modules.ops.desktop.words import ago, moment, way_in
from modules.ops.say import out

_HEAD = ("node", "display", "connections", "last used", "agent heard")


def status(root: Path, config: HubConfig, *, as_json: bool) -> int:
    """Print one line a desktop, the seats, the way in and the seed's outputs. Exit 0 also when no desktop is up."""
    scene, now = open_scene(root, config), datetime.now(UTC)
    desktops, seats = scene.board(), scene.seats()
    if as_json:
        out(json.dumps(_object(scene, desktops, seats, now)))
        return 0
    for line in _lines(scene, desktops, seats, now):
        out(line)
    return 0


def _object(scene: Scene, desktops: tuple[Published, ...], seats: Replicas, now: datetime) -> dict[str, Any]:
    return {
        "env": scene.config.env,
        "command": "desktop",
        "action": "status",
        "exit": 0,
        "desktops": [_row(each, now) for each in desktops],
        "seats": {"wanted": seats.wanted, "ready": seats.ready},
        "reach": way_in(scene.config, scene.outputs),
        "outputs": _outputs(scene),
    }


def _row(each: Published, now: datetime) -> dict[str, Any]:
    return {
        "node": each.node,
        "display": each.display,
        "socket_mount_path": each.socket_mount_path,
        "session": each.session,
        "connections": each.connections,
        "last_disconnection": moment(each.last_disconnection),
        "since": moment(each.since),
        "seen": moment(each.seen),
        "stale": each.is_stale(now),
        "warnings": list(each.warnings),
    }


def _lines(scene: Scene, desktops: tuple[Published, ...], seats: Replicas, now: datetime) -> list[str]:
    env, up = scene.config.env, sum(not each.is_stale(now) for each in desktops)
    lines = [f"{env}: {up} desktop{'' if up == 1 else 's'} up · seats {seats.wanted} wanted, {seats.ready} with a node"]
    lines += _table([_HEAD, *(_cells(each, now) for each in desktops)]) if desktops else [f"  {_why_none(scene, seats)}"]
    lines += [f"  {each.node}: {warning}" for each in desktops for warning in each.warnings]
    for path in sorted({each.socket_mount_path for each in desktops if each.socket_mount_path}):
        lines.append(f"  {'sockets':<33} {path}")
    lines.append(f"  {'reach':<33} {way_in(scene.config, scene.outputs)}")
    return [*lines, *(f"  {name:<33} {value}" for name, value in _outputs(scene).items())]


def _why_none(scene: Scene, seats: Replicas) -> str:
    if scene.config.rehearsal:
        return "no node runs in a rehearsal, so no desktop does"
    if not seats.wanted:
        return f"no desktop is asked for. ./hub desktop start {scene.config.env}"
    if not seats.ready:
        return "no node is there yet: it takes minutes. If it stays so, look at the pool's limits and the account's GPU quota"
    logs = f"kubectl logs -n {scene.settings.namespace} daemonset/{refs.DAEMON_SET}"
    return f"the node is there, its desktop not yet. If it stays so: {logs}"


def _cells(each: Published, now: datetime) -> tuple[str, ...]:
    used = "now" if each.connections else ago(each.last_disconnection, now) or "never"
    heard = ago(each.seen, now) or "never"
    return (each.node, each.display, str(each.connections), used, f"{heard}, stale" if each.is_stale(now) else heard)


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip() for row in rows]


def _outputs(scene: Scene) -> dict[str, Any]:
    return {name: scene.outputs[name] for name in refs.OUTPUTS if name in scene.outputs}

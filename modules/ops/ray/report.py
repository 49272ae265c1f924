"""How the Ray verbs say what they saw: a table for people, rows for --json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modules.ops.ray.model import Seen
from modules.ops.ray.scene import Cluster

_HEAD = ("cluster", "kind", "state", "head", "workers", "Ray", "address")


def table(clusters: tuple[Cluster, ...], seen: Mapping[str, Seen]) -> list[str]:
    """One line a cluster below a head, and under them why a pod does not start."""
    rows = [_HEAD, *(_cells(each, seen[each.key]) for each in clusters)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = [("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip() for row in rows]
    return [*lines, *(f"  {each.key}: {trouble}" for each in clusters for trouble in seen[each.key].troubles)]


def row(cluster: Cluster, seen: Seen) -> dict[str, Any]:
    """One cluster for --json."""
    settings = cluster.settings
    return {
        "name": cluster.key,
        "kind": settings.kind,
        "namespace": settings.namespace,
        "state": seen.word,
        "head": {"wanted": seen.head.wanted, "ready": seen.head.ready},
        "workers": {"wanted": seen.workers.wanted, "ready": seen.workers.ready, "hub_yaml": settings.workers},
        "pods": seen.pods,
        "image": seen.image,
        "ray": seen.ray,
        "address": cluster.address,
        "troubles": list(seen.troubles),
    }


def answer(env: str, action: str, clusters: tuple[Cluster, ...], seen: Mapping[str, Seen], **more: Any) -> dict[str, Any]:
    """The one JSON object of a verb."""
    rows = [row(each, seen[each.key]) for each in clusters]
    return {"env": env, "command": "ray", "action": action, "exit": 0, "clusters": rows, **more}


def _cells(cluster: Cluster, seen: Seen) -> tuple[str, ...]:
    head, workers = (f"{size.ready}/{size.wanted}" for size in (seen.head, seen.workers))
    return (cluster.key, cluster.settings.kind, seen.word, head, workers, seen.ray or "not named", cluster.address)

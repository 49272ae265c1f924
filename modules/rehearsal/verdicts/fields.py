"""Walking a manifest: its pod, its containers, and every value with its path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]
Manifest = dict[str, Any]

_WITH_TEMPLATE = ("DaemonSet", "Deployment", "StatefulSet", "ReplicaSet", "Job")


def pods(manifest: Manifest) -> Iterator[tuple[Path, Manifest]]:
    """(path, pod spec) of the pod that a manifest is or makes."""
    spec = manifest.get("spec") or {}
    if manifest["kind"] == "Pod":
        yield ("spec",), spec
    elif manifest["kind"] in _WITH_TEMPLATE:
        yield ("spec", "template", "spec"), (spec.get("template") or {}).get("spec") or {}
    elif manifest["kind"] == "CronJob":
        inner = spec.get("jobTemplate", {}).get("spec", {}).get("template", {}).get("spec") or {}
        yield ("spec", "jobTemplate", "spec", "template", "spec"), inner


def containers(manifest: Manifest) -> Iterator[tuple[Path, Manifest]]:
    """(path, container) of every container, those of the start included."""
    for path, pod in pods(manifest):
        for part in ("initContainers", "containers"):
            for index, container in enumerate(pod.get(part) or ()):
                yield (*path, part, index), container


def walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value below `value`, itself first."""
    yield path, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from walk(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, (*path, index))

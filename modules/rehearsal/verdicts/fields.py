"""Walking a manifest: its pod, its containers, and every value with its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
        for part in ("initContainers", "containers", "ephemeralContainers"):
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


def select(value: Any, pattern: str, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value there is at a pattern: field names joined by dots, `a|b` for either, `*` for each of a list. Null is not there."""
    step, _, rest = pattern.partition(".")
    for part, inner in _children(value, step):
        if inner is not None:
            yield from select(inner, rest, (*path, part)) if rest else [((*path, part), inner)]


def fits(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether labels satisfy one of a selector's matchExpressions (key, operator, values); false for an operator that is none."""
    value, values = labels.get(expression.get("key", "")), expression.get("values") or []
    answers = {"In": value in values, "NotIn": value not in values, "Exists": value is not None, "DoesNotExist": value is None}
    return answers.get(expression.get("operator", ""), False)


def _children(value: Any, step: str) -> Iterator[tuple[str | int, Any]]:
    if step == "*":
        yield from enumerate(value if isinstance(value, list) else ())
    elif isinstance(value, dict):
        yield from ((name, value[name]) for name in step.split("|") if name in value)

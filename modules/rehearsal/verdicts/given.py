"""What a helm_release asks for: which chart, of which version, with which values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from modules.rehearsal.standin.backend import Problem, Refused


@dataclass(frozen=True)
class Chart:
    """name: without repository or path. path: of a chart that lies on disk, as the release names it, otherwise "".
    version: "" when a local chart's own is meant. values: all that were given, merged as Helm merges them."""

    name: str
    version: str
    path: str
    values: dict[str, Any]


def chart_of(release: Mapping[str, Any]) -> Chart:
    """What the attributes of a release (all known) ask for. Raises Refused when its values are not a mapping in YAML."""
    chart, version = release["chart"], release.get("version")
    path = chart if chart.startswith((".", "/")) else ""
    # A chart of a registry may be pinned in its name: oci://host/karpenter:1.14.1@sha256:...
    name, _, tag = PurePosixPath(chart).name.partition("@")[0].partition(":")
    return Chart(name, version if isinstance(version, str) else tag, path, _values(release.get("values") or (), name))


def _values(texts: Sequence[str], chart: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for text in texts:
        parsed = _parsed(text, chart)
        if not isinstance(parsed, dict):
            raise Refused(Problem(f"{chart}: values are no mapping but a {type(parsed).__name__}"))
        merged = _merged(merged, parsed)
    return merged


def _parsed(text: str, chart: str) -> Any:
    if not text:
        return {}
    try:
        # Ours are JSON; anything else costs a hundred times as much to read.
        return json.loads(text)
    except ValueError:
        import yaml

        try:
            return yaml.safe_load(text) or {}
        except yaml.YAMLError as error:
            raise Refused(Problem(f"{chart}: values are not YAML", str(error))) from error


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        there = merged.get(key)
        merged[key] = _merged(there, value) if isinstance(there, dict) and isinstance(value, dict) else value
    return merged

"""Terraform's -json output, line by line, as typed events. Lines that are no event (init prints some) become None.

The format is described at https://developer.hashicorp.com/terraform/internals/machine-readable-ui.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Planned:
    """A resource will be changed. action: create, read, update, replace, delete, remove, move, import, noop."""

    address: str
    type: str
    action: str
    imported: bool


@dataclass(frozen=True)
class Drifted:
    """A resource is not what the state says."""

    address: str
    action: str


@dataclass(frozen=True)
class Started:
    """Work on a resource began. action: create, update, delete, read."""

    address: str
    action: str


@dataclass(frozen=True)
class Finished:
    """Work on a resource ended; ok is False when it failed."""

    address: str
    action: str
    ok: bool


@dataclass(frozen=True)
class Refreshed:
    """A resource was read back from AWS."""

    address: str


@dataclass(frozen=True)
class Summary:
    """Terraform's own count. operation: plan, apply or destroy. A replacement counts as one add and one remove."""

    operation: str
    add: int
    change: int
    remove: int
    imported: int


@dataclass(frozen=True)
class Diagnostic:
    """A warning or an error."""

    severity: str
    summary: str
    detail: str
    address: str


Event = Planned | Drifted | Started | Finished | Refreshed | Summary | Diagnostic


def parse(line: str) -> Event | None:
    """The event of one line; None for what is none of ours. Never raises."""
    if not line.startswith("{"):
        return None
    try:
        data = json.loads(line)
    except ValueError:
        return None
    reader = _READERS.get(str(data.get("type"))) if isinstance(data, dict) else None
    if reader is None:
        return None
    try:
        event: Event | None = reader(data)
    except (KeyError, TypeError, AttributeError, ValueError):
        # A shape this version does not know: the raw log still has it.
        return None
    return event


def _planned(data: dict[str, Any]) -> Event | None:
    change = data["change"]
    resource = change["resource"]
    imported = "importing" in change or change["action"] == "import"
    if change["action"] == "noop" and not imported:
        return None
    return Planned(resource["addr"], resource["resource_type"], change["action"], imported)


def _drifted(data: dict[str, Any]) -> Event | None:
    return Drifted(data["change"]["resource"]["addr"], data["change"]["action"])


def _started(data: dict[str, Any]) -> Event | None:
    return Started(data["hook"]["resource"]["addr"], data["hook"]["action"])


def _complete(data: dict[str, Any]) -> Event | None:
    return Finished(data["hook"]["resource"]["addr"], data["hook"]["action"], ok=True)


def _errored(data: dict[str, Any]) -> Event | None:
    return Finished(data["hook"]["resource"]["addr"], data["hook"]["action"], ok=False)


def _refreshed(data: dict[str, Any]) -> Event | None:
    return Refreshed(data["hook"]["resource"]["addr"])


def _summary(data: dict[str, Any]) -> Event | None:
    counts = data["changes"]
    return Summary(str(counts["operation"]), *(int(counts.get(key, 0)) for key in ("add", "change", "remove", "import")))


def _diagnostic(data: dict[str, Any]) -> Event | None:
    found = data["diagnostic"]
    return Diagnostic(found["severity"], found["summary"], found.get("detail") or "", found.get("address") or "")


_READERS = {
    "planned_change": _planned,
    "resource_drift": _drifted,
    "apply_start": _started,
    "apply_complete": _complete,
    "apply_errored": _errored,
    "refresh_complete": _refreshed,
    "change_summary": _summary,
    "diagnostic": _diagnostic,
}

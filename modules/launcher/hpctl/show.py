"""Processes as text: JSON with the bytes Hydroplane's own client printed, or a table for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

#: What Hydroplane's list shows of a process, in its order.
_SEED = ("process_name", "group", "socket_addresses", "created")
_HEAD = ("NAME", "GROUP", "STATUS", "ADDRESS", "CREATED", "REASON")
_REASON = 80


def document(value: Any) -> str:
    """JSON as the server gave it."""
    return json.dumps(value, indent=2)


def seed(processes: Iterable[dict[str, Any]]) -> str:
    """JSON with what Hydroplane's list had and no more, so that scripts written for it read the same bytes."""
    return document([{name: each[name] for name in _SEED if name in each} for each in processes])


def table(processes: Sequence[dict[str, Any]]) -> str:
    """Columns, one process a line."""
    if not processes:
        return "no processes"
    rows = [_HEAD, *(_row(each) for each in processes)]
    # A column that says nothing of anything is left out, but for the first.
    shown = [index for index in range(len(_HEAD)) if not index or any(row[index] for row in rows[1:])]
    widths = {index: max(len(row[index]) for row in rows) for index in shown}
    return "\n".join("  ".join(row[index].ljust(widths[index]) for index in shown).rstrip() for row in rows)


def location(address: dict[str, Any]) -> str:
    """ "host:port" of a socket address; an IPv6 host in brackets, as a URL wants it."""
    host = clean(address.get("host"))
    return f"{f'[{host}]' if ':' in host else host}:{clean(address.get('port'))}"


def clean(value: Any) -> str:
    """A value as one line that cannot command a terminal."""
    text = "" if value is None else str(value)
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _row(process: dict[str, Any]) -> tuple[str, ...]:
    addresses = [each for each in process.get("socket_addresses") or () if isinstance(each, dict)]
    reason = clean(process.get("reason"))
    return (
        clean(process.get("process_name")),
        clean(process.get("group")),
        clean(process.get("status")),
        " ".join(location(each) if each.get("is_public") else f"{location(each)} (private)" for each in addresses),
        clean(process.get("created")).replace("T", " ")[:16],
        reason if len(reason) <= _REASON else f"{reason[: _REASON - 1]}…",
    )

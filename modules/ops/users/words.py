"""How these verbs write tables, dates and the JSON object they end with."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.say import out


def table(rows: list[tuple[str, ...]]) -> list[str]:
    """Lines with columns below each other; the first row is the head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip() for row in rows]


def day(moment: datetime) -> str:
    """`2026-11-21`."""
    return f"{moment:%Y-%m-%d}"


def stamp(moment: datetime | None) -> str | None:
    """A time for machines, in UTC."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else None


def count(number: int, noun: str) -> str:
    """`1 user`, `2 users`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def finish(config: HubConfig, action: str, facts: dict[str, Any], *, code: int = 0) -> int:
    """Print the one JSON object; `code` again."""
    out(json.dumps({"env": config.env, "command": "users", "action": action, "exit": code, **facts}))
    return code


def one_line(error: HubError) -> str:
    """An error inside a list: what happened and what to do, on one line."""
    return f"{error.what} ({error.fix})" if error.fix else error.what

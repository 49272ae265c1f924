"""How these verbs end: the one JSON object, and names that are spelled alike."""

from __future__ import annotations

import json
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from modules.config.models import HubConfig
from modules.ops.say import out


def finish(config: HubConfig, action: str, facts: dict[str, Any], *, code: int = 0) -> int:
    """Print the one JSON object; `code` again."""
    out(json.dumps({"env": config.env, "command": "vault", "action": action, "exit": code, **facts}))
    return code


def table(rows: list[tuple[str, ...]]) -> list[str]:
    """Lines with columns below each other; the first row is the head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip() for row in rows]


def alike(name: str, known: Iterable[str]) -> str:
    """`; did you mean ada@example.org?`, or "" when nothing is close. The part before the @ decides: one domain is everybody's."""
    people: dict[str, list[str]] = {}
    for each in known:
        people.setdefault(each.partition("@")[0], []).append(each)
    close = [each for part in get_close_matches(name.partition("@")[0], people, n=3, cutoff=0.6) for each in people[part]]
    return f"; did you mean {' or '.join(close)}?" if close else ""

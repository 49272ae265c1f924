"""What agents publish, read row by row; what is broken in a row costs that row its facts and nobody else's."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from modules.ops.desktop.board import Published, read_board
from modules.ops.desktop.words import ago, moment

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NODE = "ip-100-64-3-7.us-east-2.compute.internal"


def status(**changes: Any) -> str:
    """What an agent writes."""
    fields = {
        "display": ":0",
        "session": "default-session",
        "connections": 0,
        "last_disconnection": None,
        "since": "2026-11-21T11:00:00Z",
        "seen": "2026-11-21T11:59:30Z",
        "socket_mount_path": "/var/addf/dcv-eks/sockets",
    }
    return json.dumps(fields | changes)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, []),
        ({"display": ":0", "socket_mount_path": "/x"}, []),
        ({f"display.{NODE}": ":1"}, [(NODE, ":1", 0, True)]),
        ({f"display.{NODE}": ":1", f"status.{NODE}": status(connections=2)}, [(NODE, ":1", 2, False)]),
        ({f"status.{NODE}": status(display=":3")}, [(NODE, ":3", 0, False)]),
        ({f"display.{NODE}": ":0", f"status.{NODE}": "{half"}, [(NODE, ":0", 0, True)]),
        ({f"display.{NODE}": ":0", f"status.{NODE}": "[1]"}, [(NODE, ":0", 0, True)]),
        ({f"display.{NODE}": ":0", f"status.{NODE}": status(connections="many", seen="yesterday")}, [(NODE, ":0", 0, True)]),
        ({f"status.{NODE}": status(seen="2026-11-21T11:59:30")}, [(NODE, ":0", 0, True)]),
        ({f"status.{NODE}": status(seen="2026-11-21T11:50:00Z")}, [(NODE, ":0", 0, False)]),
        ({f"status.{NODE}": status(seen="2026-11-21T11:49:59Z")}, [(NODE, ":0", 0, True)]),
        ({"display.b": ":0", "display.a": ":0"}, [("a", ":0", 0, True), ("b", ":0", 0, True)]),
    ],
)
def test_rows(data: dict[str, str], expected: list[tuple[str, str, int, bool]]) -> None:
    assert [(each.node, each.display, each.connections, each.is_stale(NOW)) for each in read_board(data)] == expected


def test_a_whole_row() -> None:
    (found,) = read_board({f"display.{NODE}": ":0", f"status.{NODE}": status(last_disconnection="2026-11-21T11:30:00Z")})
    assert found == Published(
        node=NODE,
        display=":0",
        session="default-session",
        last_disconnection=NOW - timedelta(minutes=30),
        since=NOW - timedelta(hours=1),
        seen=NOW - timedelta(seconds=30),
        socket_mount_path="/var/addf/dcv-eks/sockets",
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (-5, "0 s ago"), (8, "8 s ago"), (48.4, "48 s ago"), (64, "1 m 04 s ago"), (7200, "2 h 00 m ago"), (200000, "2 days ago")],
)
def test_ago(seconds: float | None, words: str) -> None:
    assert ago(None if seconds is None else NOW - timedelta(seconds=seconds), NOW) == words


def test_a_moment_is_written_as_agents_do() -> None:
    assert (moment(NOW), moment(None)) == ("2026-11-21T12:00:00Z", None)

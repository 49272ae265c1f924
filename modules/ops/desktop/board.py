"""What the agents of all desktops have published, read from their one ConfigMap."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

_DISPLAY, _STATUS = "display.", "status."
#: Agents say that they are there far more often; one that has not for this long is gone, or cannot say.
STALE_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class Published:
    """One node's desktop. last_disconnection: None when nobody ever was connected. seen: the agent's last word, None for none."""

    node: str
    display: str
    session: str = ""
    connections: int = 0
    last_disconnection: datetime | None = None
    since: datetime | None = None
    seen: datetime | None = None
    socket_mount_path: str = ""
    warnings: tuple[str, ...] = ()
    """Sentences of the agent's: a licence that is not valid, another X server on number 0."""

    def is_stale(self, now: datetime) -> bool:
        """Whether the agent has been silent for too long to believe the rest."""
        return self.seen is None or now - self.seen > STALE_AFTER


def read_board(data: Mapping[str, str]) -> tuple[Published, ...]:
    """A desktop per node named in the ConfigMap's data, sorted by node. What an agent wrote that cannot be read is left out of its row."""
    nodes = {key.removeprefix(_DISPLAY) for key in data if key.startswith(_DISPLAY)}
    nodes |= {key.removeprefix(_STATUS) for key in data if key.startswith(_STATUS)}
    return tuple(_row(node, data.get(f"{_DISPLAY}{node}", ""), _object(data.get(f"{_STATUS}{node}", ""))) for node in sorted(nodes))


def _row(node: str, display: str, status: Mapping[str, Any]) -> Published:
    connections, listed = status.get("connections"), status.get("warnings")
    return Published(
        node=node,
        display=display or str(status.get("display") or ""),
        session=str(status.get("session") or ""),
        connections=connections if isinstance(connections, int) else 0,
        last_disconnection=_time(status.get("last_disconnection")),
        since=_time(status.get("since")),
        seen=_time(status.get("seen")),
        socket_mount_path=str(status.get("socket_mount_path") or ""),
        warnings=tuple(filter(None, (warning for warning in listed if isinstance(warning, str)))) if isinstance(listed, list) else (),
    )


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _time(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    # A time without its zone cannot be compared with one that has it.
    return found if found and found.tzinfo else None

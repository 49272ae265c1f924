"""What one node says of its desktop, and how that looks in the ConfigMap."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from dcv_agent.clock import instant, stamp

DISPLAY, SOCKET, STATUS = "display", "socket_mount_path", "status"


@dataclass(frozen=True)
class Entry:
    """One node's desktop at one moment; `seen` is the heartbeat, `warnings` are sentences for `./hub desktop`."""

    node: str
    display: str
    session: str
    connections: int
    last_disconnection: datetime | None
    since: datetime
    seen: datetime
    socket_path: str
    warnings: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[str, str, str]:
        """What application pods depend on."""
        return self.session, self.display, self.socket_path

    def keys(self) -> dict[str, str]:
        """The node's own keys of the ConfigMap: only this node's agent writes them."""
        return {f"{DISPLAY}.{self.node}": self.display, f"{STATUS}.{self.node}": self._status()}

    def single_keys(self) -> dict[str, str]:
        """The seed's two keys, shared by all nodes: the last writer wins."""
        return {DISPLAY: self.display, SOCKET: self.socket_path}

    def _status(self) -> str:
        facts: dict[str, object] = {
            "display": self.display,
            "session": self.session,
            "connections": self.connections,
            "last_disconnection": stamp(self.last_disconnection) if self.last_disconnection else None,
            "since": stamp(self.since),
            "seen": stamp(self.seen),
            "socket_mount_path": self.socket_path,
        }
        if self.warnings:
            facts["warnings"] = list(self.warnings)
        return json.dumps(facts)


@dataclass(frozen=True)
class Mark:
    """What another agent needs to know of a node: when it was heard of (None: its status cannot be read), and since when it is idle."""

    node: str
    seen: datetime | None
    connections: int = 0
    idle_since: datetime | None = None


def marks(data: dict[str, str]) -> list[Mark]:
    """The nodes that have keys in the ConfigMap, sorted by name."""
    prefixes = (f"{DISPLAY}.", f"{STATUS}.")
    nodes = {key.removeprefix(prefix) for key in data for prefix in prefixes if key.startswith(prefix)}
    return [_mark(node, data.get(f"{STATUS}.{node}", "")) for node in sorted(nodes)]


def _mark(node: str, status: str) -> Mark:
    try:
        facts = json.loads(status)
    except ValueError:
        facts = None
    if not isinstance(facts, dict):
        return Mark(node, None)
    connections = facts.get("connections")
    return Mark(
        node,
        instant(facts.get("seen")),
        connections if isinstance(connections, int) else 0,
        max(filter(None, (instant(facts.get("since")), instant(facts.get("last_disconnection")))), default=None),
    )

"""The `dcv` command: is the server up, is the session there, what does it say of itself."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dcv_agent.clock import instant
from dcv_agent.commands import run
from dcv_agent.errors import NoSession, Trouble

_DISPLAY = re.compile(r"^:(\d+)(?:\.\d+)?$")
_INIT = "/usr/local/bin/init_session.sh"


@dataclass(frozen=True)
class Session:
    """A DCV session: `display` like `:0`, the path of its X authority, its connections and its licences that are not valid."""

    name: str
    display: str
    authority: str
    connections: int
    created: datetime | None
    last_disconnection: datetime | None
    unlicensed: tuple[str, ...]

    @property
    def number(self) -> int:
        """The display's number."""
        return int(self.display[1:])


def server_answers() -> None:
    """Nothing when the DCV server answers; NoSession when it does not."""
    answer = run("dcv", "list-sessions")
    if answer.code:
        raise NoSession(f"the DCV server does not answer yet (dcv list-sessions: exit {answer.code}: {answer.complaint or 'no words'})")


def describe(name: str) -> Session:
    """The session of that name; NoSession when there is none, Trouble when DCV's answer cannot be read."""
    answer = run("dcv", "describe-session", name, "--json")
    if answer.code:
        raise NoSession(f"there is no session {name} (dcv describe-session: exit {answer.code}: {answer.complaint or 'no words'})")
    try:
        facts = json.loads(answer.output)
    except ValueError:
        facts = None
    if not isinstance(facts, dict):
        raise Trouble(f"dcv describe-session {name} answered something that is not a JSON object", code="garbage")
    return _session(name, facts)


def create(name: str, user: str) -> None:
    """Makes the virtual session of `user`."""
    words = ("--type", "virtual", "--owner", user, "--user", user, "--storage-root", "%home%", "--init", _INIT, name)
    answer = run("dcv", "create-session", *words)
    if answer.code:
        raise Trouble(f"dcv create-session {name} failed (exit {answer.code}: {answer.complaint or 'no words'})", code=str(answer.code))


def _session(name: str, facts: dict[str, Any]) -> Session:
    display = _DISPLAY.match(str(facts.get("x11-display") or ""))
    if display is None:
        raise Trouble(f"session {name} has no X display: dcv describe-session says x11-display={json.dumps(facts.get('x11-display'))[:60]}")
    connections = facts.get("num-of-connections")
    return Session(
        name=name,
        display=f":{display[1]}",
        authority=str(facts.get("x11-authority") or ""),
        connections=connections if isinstance(connections, int) else 0,
        created=instant(facts.get("creation-time")),
        last_disconnection=instant(facts.get("last-disconnection-time")),
        unlicensed=_unlicensed(facts.get("licenses")),
    )


def _unlicensed(licenses: object) -> tuple[str, ...]:
    """`product: status` of each licence that is not valid. The status is `licensed`, in either case, in both examples of DCV's
    administrator guide (Viewing sessions; Finding and stopping idle sessions)."""
    found = [one for one in licenses if isinstance(one, dict)] if isinstance(licenses, list) else []
    states = [(str(one.get("product", "dcv")), str(one.get("status", "unknown"))) for one in found]
    return tuple(f"{product}: {status}" for product, status in states if status.lower() != "licensed")

"""One line an event on standard output: time, level, message, facts."""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime

_PLAIN = re.compile(r"^[\w:./,@+-]+$")


def log(level: str, message: str, **facts: object) -> None:
    """Writes `time LEVEL message key=value …`; facts that are None are left out, others are quoted where they need it."""
    words = [f"{name}={_quoted(value)}" for name, value in facts.items() if value is not None]
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # A line of somebody else's error text must not become two lines of ours.
    sys.stdout.write(" ".join([moment, level, " ".join(message.split()), *words]) + "\n")
    sys.stdout.flush()


def info(message: str, **facts: object) -> None:
    """Something an operator wants to see once."""
    log("INFO", message, **facts)


def warn(message: str, **facts: object) -> None:
    """Something is wrong, and the agent goes on."""
    log("WARNING", message, **facts)


def error(message: str, **facts: object) -> None:
    """Something is wrong, and the desktop is not usable until it is right."""
    log("ERROR", message, **facts)


def _quoted(value: object) -> str:
    text = str(value)
    return text if _PLAIN.match(text) else json.dumps(text)

"""Time, in one place, so that tests can hold it."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime


class Clock:
    """The real time, and a wait that `stop` ends."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def now(self) -> datetime:
        """The moment in UTC, whole seconds: what goes into entries."""
        return datetime.now(UTC).replace(microsecond=0)

    def monotonic(self) -> float:
        """Seconds that never go back: what intervals are measured with."""
        return time.monotonic()

    def wait(self, seconds: float) -> bool:
        """Sleeps; True when the agent was told to stop."""
        return self._stopped.wait(seconds)

    def stop(self) -> None:
        """Ends this wait and every later one."""
        self._stopped.set()


def backoff(failures: int, cap: float) -> float:
    """Seconds to wait after so many failures in a row: 1, 2, 4 … up to `cap`, of which a random half.

    Without the random half the agents of all nodes would come back to a recovering API at the same moment.
    """
    longest = min(cap, 2.0 ** min(failures - 1, 16))
    return longest * random.uniform(0.5, 1.0)


def stamp(moment: datetime) -> str:
    """`2026-11-21T09:14:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(text: object) -> datetime | None:
    """The moment an ISO 8601 text names, whole seconds in UTC; None where it names none."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)

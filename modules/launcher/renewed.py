"""A value that ends and is fetched anew before it does, for many threads at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")
#: Tells the time, with its zone. Tests move it.
Clock = Callable[[], datetime]
#: After a failure the next try waits as long: a source that is down is not asked by every request.
_PAUSE = timedelta(seconds=5)


def now() -> datetime:
    """The clock of whoever brings none."""
    return datetime.now(UTC)


class Renewed(Generic[T]):
    """fetch: gives the value and when it ends. early: how long before its end it is renewed.

    While a renewal fails or is under way, the value at hand is used until it ends.
    """

    def __init__(self, fetch: Callable[[], tuple[T, datetime]], *, early: timedelta, clock: Clock = now) -> None:
        self._fetch = fetch
        self._early = early
        self._clock = clock
        self._lock = threading.Lock()
        self._held: tuple[T, datetime] | None = None
        self._failed: tuple[Exception, datetime] | None = None

    def get(self) -> tuple[T, datetime]:
        """The value and when it ends. Raises what fetch raises, once no value is left that is good."""
        held = self._held
        if held is not None and self._clock() < held[1] - self._early:
            return held
        good = held is not None and self._clock() < held[1]
        if not self._lock.acquire(blocking=not good):
            assert held is not None
            return held
        try:
            return self._renewed()
        finally:
            self._lock.release()

    def _renewed(self) -> tuple[T, datetime]:
        moment, held = self._clock(), self._held
        if held is not None and moment < held[1] - self._early:
            return held  # another thread was quicker
        try:
            if self._failed is not None and moment < self._failed[1]:
                raise self._failed[0]
            self._held, self._failed = self._fetch(), None
            return self._held
        except Exception as error:
            if self._failed is None or self._failed[0] is not error:
                self._failed = (error, moment + _PAUSE)
            if held is not None and moment < held[1]:
                return held
            raise

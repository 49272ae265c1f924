"""Blocking work in threads, so that one slow answer of the cluster holds up nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

from modules.launcher.errors import Unavailable

T = TypeVar("T")


class Threads:
    """At most `size` threads, and at most as many calls again that wait for one."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._limiter = anyio.CapacityLimiter(size)
        self._waiting = 0

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises. Raises Unavailable when too many wait already: a queue without an end is an outage."""
        if self._waiting >= 2 * self._size:
            raise Unavailable("the launcher is busy: the cluster answers slowly", retry_after=5)
        self._waiting += 1
        try:
            # Not abandoned when the caller goes away: half a process would stay behind.
            return await anyio.to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self._waiting -= 1

"""How many processes one owner may have, also when many are started at the same moment."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from modules.launcher.errors import TooMany
from modules.launcher.protocols import Principal


class Quota:
    """Counts what the cluster has and what is on its way there. Holds within one server; the stack runs one."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._guard = threading.Lock()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._starting: defaultdict[str, Counter[str]] = defaultdict(Counter)

    @contextmanager
    def room(self, who: Principal, name: str, listed: Callable[[], set[str]]) -> Iterator[None]:
        """Room for one more while the body makes it. listed: the names the owner has. Raises TooMany; admins are not counted."""
        if self._limit is None or who.admin:
            yield
            return
        with self._guard:
            lock, starting = self._locks[who.name], self._starting[who.name]
        with lock:
            # Listed first: a start that ends meanwhile is then counted by both, never by neither.
            with self._guard:
                underway = set(+starting)
            if len(listed() | underway) >= self._limit:
                raise TooMany(f"{who.name} has {self._limit} processes already, which is as many as one may have; stop one first")
            with self._guard:
                starting[name] += 1
        try:
            yield
        finally:
            with self._guard:
                starting[name] -= 1
                starting += Counter()

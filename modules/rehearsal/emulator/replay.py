"""A retried request is answered as its first try was, and is not done twice.

Under load an SDK now and then loses an answer of this server on the loopback interface and asks again. What is not
idempotent would then fail on its own first try: a lock that is held already, a name that is taken. Both tries carry the
same invocation id, which is how they are told from two requests that look alike.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_ID, _TRY = "HTTP_AMZ_SDK_INVOCATION_ID", "HTTP_AMZ_SDK_REQUEST"
#: Answers kept; a retry comes within seconds.
_KEPT = 512
#: A first try that takes longer than this is not waited for.
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """What was answered: status line, headers, body."""

    line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass
class _Pending:
    done: threading.Event = field(default_factory=threading.Event)
    answer: Answer | None = None


class Replay:
    """Remembers the latest answers by invocation id."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Pending] = OrderedDict()

    def once(self, environ: Mapping[str, Any], work: Callable[[], Answer]) -> Answer:
        """The answer of `work`, done once per invocation id; a request without one is always done."""
        id = environ.get(_ID)
        if not id:
            return work()
        retried = not str(environ.get(_TRY, "attempt=1")).startswith("attempt=1;")
        with self._lock:
            pending = self._known.get(id)
            first = pending is None
            if pending is None:
                pending = self._known[id] = _Pending()
                while len(self._known) > self._kept:
                    self._known.popitem(last=False)
        if not first and retried and pending.done.wait(_PATIENCE_SECONDS) and pending.answer is not None:
            return pending.answer
        try:
            pending.answer = work()
        finally:
            pending.done.set()
        return pending.answer

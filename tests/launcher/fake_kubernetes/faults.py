"""What goes wrong when a test says so."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass
class Fault:
    """Requests that fail. request: "<method> <path>" with "*" for anything.

    after: how many such requests go well first. times: how many then do not; 0 for all of them.
    code: of the answer; 0 hangs up without one. done: the request is carried out first, and only its answer lost.
    late: it is carried out when the test lets it arrive (Cluster.arrive), long after the caller has given up.
    held: the answer waits until this is set, which with code 200 is the only harm. retry_after: the header of that name.
    """

    request: str
    code: int = 500
    after: int = 0
    times: int = 1
    done: bool = False
    late: bool = False
    held: threading.Event | None = None
    retry_after: str | None = None
    message: str = "the test wants it so"
    seen: int = 0

    def strikes(self, request: str) -> bool:
        """Whether this request fails; counts it."""
        if not fnmatchcase(request, self.request):
            return False
        self.seen += 1
        return self.seen > self.after and (not self.times or self.seen <= self.after + self.times)

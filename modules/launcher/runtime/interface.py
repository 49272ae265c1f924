"""What the HTTP API asks of a runtime."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from modules.launcher.models import ProcessInfo, ProcessSpec
from modules.launcher.protocols import Principal


class Runtime(Protocol):
    """Starts, lists and stops processes. Every method may block, is called by many threads at once, and raises errors.LauncherError."""

    def start(self, spec: ProcessSpec, who: Principal) -> None:
        """Make the process, wholly or not at all. Conflict: the name is taken. Forbidden: the rules. TooMany: the quota."""
        ...

    def find(self, who: Principal, group: str | None = None) -> list[ProcessInfo]:
        """The caller's processes (everybody's for an admin), sorted by name. group: of this group alone."""
        ...

    def stop(self, name: str, who: Principal) -> None:
        """Remove all that belongs to the process, also of half a one. NotFound when there is nothing, Forbidden when it is another's."""
        ...

    def stop_group(self, group: str, who: Principal) -> None:
        """As stop, for all the caller's processes of a group; no error when there are none."""
        ...

    def logs(self, name: str, who: Principal, tail: int, *, previous: bool = False) -> str:
        """The last `tail` lines. previous: of the container before its last restart. Conflict when it has not started."""
        ...

    def cull(self, now: datetime) -> list[str]:
        """Stop what has outlived its time and take back what a failed start left; the names of the processes stopped."""
        ...

    def ready(self) -> None:
        """Returns when the cluster answers; raises Unavailable."""
        ...

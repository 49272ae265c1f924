"""Taking back a start that failed half-way, until it is taken back."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from modules.launcher.errors import LauncherError, Unavailable
from modules.launcher.runtime import labels
from modules.launcher.runtime.calls import Calls, Thing
from modules.launcher.runtime.manifests import Launch

_log = logging.getLogger(__name__)
_TRIES, _PAUSE, _PAUSE_MAX = 4, 0.1, 2.0
#: A Service without its Deployment answers nobody, so it goes first; Secrets go with their Deployment.
KINDS = ("services", "deployments")
T = TypeVar("T")


def delete_all(calls: Calls, found: Iterable[tuple[str, str, Thing]], sleep: Callable[[float], None] = time.sleep) -> None:
    """Remove objects (kind, namespace, object): each is tried, and tried again, whatever befalls the others.

    Raises the last error when any is left.
    """
    last: LauncherError | None = None
    for kind, namespace, thing in found:
        try:
            insist(lambda kind=kind, namespace=namespace, thing=thing: calls.delete(kind, namespace, thing), sleep)  # type: ignore[misc]
        except LauncherError as error:
            last = error
    if last is not None:
        raise last


def insist(what: Callable[[], T], sleep: Callable[[float], None]) -> T:
    """Do it, again when it fails and trying again may help. Raises the last error."""
    for attempt in range(_TRIES - 1):
        try:
            return what()
        except LauncherError as error:
            if error.status < Unavailable.status and error.retry_after is None:
                raise
            sleep(min(_PAUSE * 2**attempt if error.unsure else float(error.retry_after or _PAUSE), _PAUSE_MAX))
    return what()


class Undo:
    """Remembers what could not be taken back, for the next round of the culler."""

    def __init__(self, calls: Calls, sleep: Callable[[float], None] = time.sleep) -> None:
        self._calls, self._sleep = calls, sleep
        self._guard = threading.Lock()
        self._left: dict[str, Launch] = {}

    def after(self, launch: Launch, error: LauncherError) -> LauncherError:
        """Take back what this very launch made; the error for the caller, which says so when something is left."""
        if error.unsure:
            # The cluster may still be about to do what it did not answer, after we have looked.
            self._remember(launch)
        try:
            self._sweep(launch)
        except LauncherError as second:
            self._remember(launch)
            _log.warning("could not take back %s in %s: %s", launch.spec.process_name, launch.namespace, second.details)
            text = f'{error.details}. What was made of "{launch.spec.process_name}" could not be removed yet; the launcher goes on trying'
            return Unavailable(text, retry_after=error.retry_after)
        return error

    def before(self, launch: Launch) -> None:
        """Take back what earlier launches of the same name left, so that it does not stand in this one's way. Raises LauncherError."""
        for left in self._waiting():
            if (left.namespace, left.spec.process_name) == (launch.namespace, launch.spec.process_name):
                self._sweep(left)

    def again(self) -> None:
        """Another try at all that is left; what fails again is kept."""
        for launch in self._waiting():
            try:
                self._sweep(launch)
            except LauncherError as error:
                _log.warning("could not take back %s yet: %s", launch.spec.process_name, error.details)
            else:
                with self._guard:
                    self._left.pop(launch.id, None)

    def _sweep(self, launch: Launch) -> None:
        wanted = labels.selector(launch.spec.process_name)
        found: list[tuple[str, str, Thing]] = []
        for kind in KINDS:
            listed = insist(lambda kind=kind: self._calls.find(kind, launch.namespace, wanted), self._sleep)  # type: ignore[misc]
            found += [(kind, launch.namespace, each) for each in listed]
        # Another launch may have made a process of this name before us, or since.
        mine = [each for each in found if labels.annotation(each[2], labels.LAUNCH) == launch.id]
        delete_all(self._calls, mine, self._sleep)

    def _waiting(self) -> list[Launch]:
        with self._guard:
            return list(self._left.values())

    def _remember(self, launch: Launch) -> None:
        with self._guard:
            self._left[launch.id] = launch

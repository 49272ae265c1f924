"""Looks at many places at once, each of which may answer late or not at all."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from modules.common.errors import HubError

#: More than the two tries a private endpoint's silence costs, less than what a person takes for a hang.
SECONDS = 30.0
Look = Callable[[], Any]


@dataclass(frozen=True)
class Seen:
    """found: by look, what it saw. unread: by look, why it saw nothing, in one line."""

    found: dict[str, Any] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)


def look_around(looks: Mapping[str, Look], seconds: float = SECONDS) -> Seen:
    """Everything that answers within `seconds`. A HubError of a look is its line of `unread`; a defect of ours keeps its traceback."""
    ended: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    deadline, answers = time.monotonic() + seconds, dict[str, Any]()
    for name, look in looks.items():
        # A daemon: nothing can end a thread that hangs, and the process must not wait for it.
        threading.Thread(target=_look, args=(name, look, ended), name=f"status {name}", daemon=True).start()
    while len(answers) < len(looks):
        try:
            name, answer = ended.get(timeout=max(deadline - time.monotonic(), 0.0))
        except queue.Empty:
            break
        if isinstance(answer, BaseException) and not isinstance(answer, HubError):
            raise answer
        answers[name] = answer
    silent = HubError(f"no answer within {seconds:.0f} s")
    all_of_them = {name: answers.get(name, silent) for name in looks}
    unread = {name: " ".join(each.what.split()) for name, each in all_of_them.items() if isinstance(each, HubError)}
    return Seen({name: each for name, each in all_of_them.items() if name not in unread}, unread)


def _look(name: str, look: Look, ended: queue.SimpleQueue[tuple[str, Any]]) -> None:
    try:
        ended.put((name, look()))
    except BaseException as error:
        ended.put((name, error))

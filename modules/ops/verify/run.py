"""Runs checks side by side, each with its deadline, in the order that they need each other."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from modules.common.errors import HubError
from modules.ops.verify.check import Check, Result, Skipped
from modules.ops.verify.scene import Scene

#: Between two looks of a check that waits.
_PAUSE_SECONDS = 5.0


@dataclass(frozen=True)
class _Started:
    check: Check
    moment: float
    deadline: float


def run_checks(
    scene: Scene, checks: Sequence[Check], tell: Callable[[Result], None] = lambda result: None, pause: float = _PAUSE_SECONDS
) -> tuple[Result, ...]:
    """One Result a check, in the order of the list; `tell` hears of each when it ends, in this thread.

    pause: seconds between two looks of a check that waits. A defect of ours keeps its traceback.
    """
    waiting, running, done = list(checks), dict[str, _Started](), dict[str, Result]()
    ended: queue.SimpleQueue[Result | BaseException] = queue.SimpleQueue()
    began = time.monotonic()
    while waiting or running:
        for check in _ready(waiting, done, checks):
            waiting.remove(check)
            if blocker := _blocker(check, done):
                _note(done, Result(check.name, "skipped", f"not looked at: {blocker} failed", blocked=True), tell)
                continue
            running[check.name] = _start(scene, check, began, pause, ended)
        for result in _next(running, ended) if running else ():
            _note(done, result, tell)
            del running[result.name]
    return tuple(done[check.name] for check in checks)


def _note(done: dict[str, Result], result: Result, tell: Callable[[Result], None]) -> None:
    done[result.name] = result
    tell(result)


def _ready(waiting: Sequence[Check], done: dict[str, Result], checks: Sequence[Check]) -> list[Check]:
    """Those whose predecessors have all ended; a predecessor that is not among the checks holds nobody up."""
    names = {check.name for check in checks}
    return [check for check in waiting if all(name in done or name not in names for name in check.after)]


def _blocker(check: Check, done: dict[str, Result]) -> str:
    return next((name for name in check.after if name in done and done[name].stops), "")


def _start(scene: Scene, check: Check, began: float, pause: float, ended: queue.SimpleQueue[Result | BaseException]) -> _Started:
    now = time.monotonic()
    wait = check.waits if scene.options.wait is None else scene.options.wait
    patience = began + wait if check.patient else now

    def work() -> None:
        try:
            ended.put(_look(scene, check, patience, pause))
        except BaseException as error:
            ended.put(error)

    # A daemon: nothing can end a thread that hangs, and the process must not wait for it.
    threading.Thread(target=work, name=f"verify {check.name}", daemon=True).start()
    return _Started(check, now, max(patience, now) + check.seconds)


def _look(scene: Scene, check: Check, patience: float, pause: float) -> Result:
    started = time.monotonic()
    while True:
        result = _once(scene, check)
        if result.state != "failed" or time.monotonic() + pause > patience:
            return replace(result, seconds=time.monotonic() - started)
        time.sleep(pause)


def _once(scene: Scene, check: Check) -> Result:
    try:
        return Result(check.name, "ok", check.run(scene))
    except Skipped as skipped:
        return Result(check.name, "skipped", str(skipped))
    except HubError as error:
        return Result(check.name, "failed", f"{error.where}: {error.what}" if error.where else error.what, error.fix)


def _next(running: dict[str, _Started], ended: queue.SimpleQueue[Result | BaseException]) -> Iterator[Result]:
    """What ends next; those whose deadline passes instead have failed, and what they say later is not heard."""
    first = min(each.deadline for each in running.values())
    try:
        found = ended.get(timeout=max(first - time.monotonic(), 0.0))
    except queue.Empty:
        now = time.monotonic()
        for each in [each for each in running.values() if each.deadline <= now]:
            said = f"no answer within {each.check.seconds:.0f} s"
            yield Result(each.check.name, "failed", said, "look at the network between here and there, and try again", now - each.moment)
        return
    if isinstance(found, BaseException):
        raise found
    if found.name in running:
        yield found

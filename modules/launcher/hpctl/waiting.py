"""Waiting until processes run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from modules.common.errors import HubError
from modules.launcher.hpctl.show import clean

Processes = list[dict[str, Any]]
_EVERY = 1.0


def until_running(look: Callable[[], Processes], what: str, seconds: float, *, every: float = _EVERY) -> Processes:
    """What `look` gives once there is something and all of it runs.

    what: names it in errors. Raises HubError when one has failed, or when `seconds` are over; of a look that fails only if it
    is the first: a server that answers now and then is worth waiting for, a wrong address is not.
    """
    deadline, found, trouble = time.monotonic() + seconds, look(), ""
    while True:
        if found and all(_status(each) == "RUNNING" for each in found):
            return found
        for each in found:
            if _status(each) == "FAILED":
                raise HubError(f'"{clean(each.get("process_name"))}" failed: {_reason(each)}', fix="hpctl logs, then hpctl stop")
        left = deadline - time.monotonic()
        if left <= 0:
            raise HubError(
                f"{what} does not run after {seconds:.0f} s: {trouble or _state(found)}", fix="hpctl list; wait longer with --timeout"
            )
        time.sleep(min(every, left))
        found, trouble = _looked(look, found)


def _looked(look: Callable[[], Processes], before: Processes) -> tuple[Processes, str]:
    try:
        return look(), ""
    except HubError as error:
        return before, error.what


def _status(process: dict[str, Any]) -> str:
    """A server of Hydroplane's first days gives no status: what it lists with an address runs."""
    return str(process.get("status") or ("RUNNING" if process.get("socket_addresses") else "STARTING"))


def _reason(process: dict[str, Any]) -> str:
    return clean(process.get("reason")) or "the server does not say why"


def _state(found: Processes) -> str:
    late = [each for each in found if _status(each) != "RUNNING"]
    return "; ".join(f"{clean(each.get('process_name'))} is {_status(each)}, {_reason(each)}" for each in late) or "there is none"

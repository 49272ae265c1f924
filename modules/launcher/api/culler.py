"""Stopping what has outlived its time, round after round, whatever happens in one of them."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import anyio
import anyio.to_thread

from modules.launcher.errors import LauncherError
from modules.launcher.runtime.interface import Runtime

_log = logging.getLogger(__name__)


async def cull_for_ever(runtime: Runtime, interval: float) -> None:
    """A round each `interval` seconds, in a thread that no caller can take. Returns only by cancellation."""
    own = anyio.CapacityLimiter(1)
    while True:
        await anyio.sleep(interval)
        await anyio.to_thread.run_sync(cull_once, runtime, limiter=own, abandon_on_cancel=True)


def cull_once(runtime: Runtime) -> list[str]:
    """One round; a failure is logged, for the next round is the remedy."""
    try:
        stopped = runtime.cull(datetime.now(UTC))
    except LauncherError as error:
        _log.warning("could not stop old processes, trying again later: %s", error.details)
        return []
    except Exception:
        _log.exception("could not stop old processes, trying again later")
        return []
    if stopped:
        _log.info("stopped what had outlived its time: %s", ", ".join(stopped))
    return stopped

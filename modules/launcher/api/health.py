"""Whether the launcher lives, and whether it can reach its cluster: for probes, without a token."""

from __future__ import annotations

import time

from fastapi import APIRouter

from modules.launcher.api.answers import responses
from modules.launcher.api.threads import Threads
from modules.launcher.runtime.interface import Runtime

#: Seconds for which an answer of the cluster holds: anyone may ask, and not each time at the cluster's cost.
_KEEP = 5.0


def routes(runtime: Runtime) -> APIRouter:
    """/healthz and /readyz."""
    router, threads = APIRouter(tags=["health"]), Threads(2)
    good_until = 0.0

    @router.get("/healthz", summary="The server answers")
    async def alive() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz", summary="The cluster answers the server", responses=responses())
    async def ready() -> dict[str, str]:
        nonlocal good_until
        if time.monotonic() >= good_until:
            await threads.run(runtime.ready)
            good_until = time.monotonic() + _KEEP
        return {"status": "ready"}

    return router

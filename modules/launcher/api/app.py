"""The application: routes, doors before them, and the culler beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from fastapi import FastAPI

from modules.launcher.api import answers, health, processes
from modules.launcher.api.culler import cull_for_ever
from modules.launcher.api.doors import AuthDoor, SizeDoor
from modules.launcher.api.prefix import Prefix
from modules.launcher.api.threads import Threads
from modules.launcher.protocols import Authenticator, Rules
from modules.launcher.runtime.interface import Runtime

_ABOUT = "Runs a container on the cluster. The paths and JSON names are those of Hydroplane; every refusal is {error, details}."


def make_app(runtime: Runtime, who: Authenticator, rules: Rules, *, prefix: str = "") -> FastAPI:
    """The ASGI application. prefix: a path under which it answers too, as a JupyterHub service has one (`/services/launcher`)."""
    threads = Threads(rules.calls_at_once)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with anyio.create_task_group() as beside:
            beside.start_soon(cull_for_ever, runtime, rules.culling_interval.total_seconds())
            yield
            beside.cancel_scope.cancel()

    app = FastAPI(title="Hydroplane launcher", version="1", description=_ABOUT, lifespan=lifespan)
    app.include_router(health.routes(runtime))
    app.include_router(processes.routes(runtime, threads))
    answers.install(app)
    # The last added is the first to be asked: the prefix goes, then strangers, then those who send too much.
    app.add_middleware(SizeDoor)
    app.add_middleware(AuthDoor, who=who, threads=Threads(rules.calls_at_once))
    app.add_middleware(Prefix, prefix=prefix)
    return app

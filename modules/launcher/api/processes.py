"""The paths of Hydroplane, and one for logs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import PlainTextResponse
from fastapi.security import HTTPBearer

from modules.launcher.api.answers import responses
from modules.launcher.api.threads import Threads
from modules.launcher.errors import Forbidden, Unauthorized
from modules.launcher.models import ProcessInfo, ProcessSpec
from modules.launcher.protocols import READ, WRITE, Principal
from modules.launcher.runtime.interface import Runtime

_log = logging.getLogger(__name__)
_TAIL_MAX = 5_000


def _caller(scope: str) -> Callable[[Request], Principal]:
    def caller(request: Request) -> Principal:
        found = getattr(request.state, "principal", None)
        if not isinstance(found, Principal):
            # Nothing is served to nobody, should the door before this ever be left out.
            raise Unauthorized("this needs a token")
        if scope not in found.scopes:
            raise Forbidden(f"{found.name} may not do this: the token lacks the scope {scope}")
        return found

    return caller


Reader = Annotated[Principal, Depends(_caller(READ))]
Writer = Annotated[Principal, Depends(_caller(WRITE))]
Name = Annotated[str, Path(description="The process' name")]
Group = Annotated[str, Path(description="The group's name")]
Tail = Annotated[int, Query(ge=1, le=_TAIL_MAX, description="Lines from the end")]


def routes(runtime: Runtime, threads: Threads) -> APIRouter:
    """The routes that need a caller."""
    # HTTPBearer is here for OpenAPI's sake; AuthDoor does the work.
    router = APIRouter(tags=["processes"], dependencies=[Depends(HTTPBearer(auto_error=False))])

    @router.post("/process", status_code=201, summary="Start a process", responses=responses(400, 409, 413))
    async def start(spec: ProcessSpec, who: Writer) -> None:
        await threads.run(lambda: runtime.start(spec, who))
        _log.info("%r started process %r%s", who.name, spec.process_name, ", open to the world" if spec.has_public_ip else "")

    @router.get("/process", summary="Your processes", responses=responses())
    async def find(who: Reader) -> list[ProcessInfo]:
        return await threads.run(lambda: runtime.find(who))

    @router.delete("/process/{process_name}", summary="Stop a process", responses=responses(404, 409))
    async def stop(process_name: Name, who: Writer) -> None:
        await threads.run(lambda: runtime.stop(process_name, who))
        _log.info("%r stopped process %r", who.name, process_name)

    @router.get(
        "/process/{process_name}/logs",
        summary="The end of a process' log",
        response_class=PlainTextResponse,
        responses=responses(404, 409, plain=True),
    )
    async def logs(process_name: Name, who: Reader, tail: Tail = 200, previous: bool = False) -> str:
        return await threads.run(lambda: runtime.logs(process_name, who, tail, previous=previous))

    @router.get("/group/{group}", summary="Your processes of a group", responses=responses())
    async def find_group(group: Group, who: Reader) -> list[ProcessInfo]:
        return await threads.run(lambda: runtime.find(who, group))

    @router.delete("/group/{group}", summary="Stop your processes of a group", responses=responses(409))
    async def stop_group(group: Group, who: Writer) -> None:
        await threads.run(lambda: runtime.stop_group(group, who))
        _log.info("%r stopped group %r", who.name, group)

    return router

"""What a request passes before the API reads it: who sends it, and how much."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from modules.launcher.api.answers import error_answer
from modules.launcher.api.threads import Threads
from modules.launcher.errors import LauncherError
from modules.launcher.protocols import Authenticator

#: What is told to anyone: that the launcher lives, and what its API is.
_OPEN = frozenset({"/healthz", "/readyz", "/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect"})
#: A Kubernetes object holds less (etcd takes 1.5 MiB).
BODY_MAX = 2**20


class AuthDoor:
    """Puts the caller into the request's state as `principal`; sends strangers away before their body is read."""

    def __init__(self, app: ASGIApp, who: Authenticator, threads: Threads) -> None:
        self._app, self._who, self._threads = app, who, threads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _path(scope) in _OPEN:
            return await self._app(scope, receive, send)
        headers: Mapping[str, str] = {key.lower(): value for key, value in Headers(scope=scope).items()}
        try:
            principal = await self._threads.run(lambda: self._who.authenticate(headers))
        except LauncherError as error:
            return await error_answer(error)(scope, receive, send)
        scope.setdefault("state", {})["principal"] = principal
        return await self._app(scope, receive, send)


class SizeDoor:
    """Ends a request whose body is larger than any process' description."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body") or b"")
            if read > BODY_MAX:
                raise HTTPException(413, f"the body is larger than {BODY_MAX} bytes")
            return message

        await self._app(scope, counted if scope["type"] == "http" else receive, send)


def _path(scope: Scope) -> str:
    return str(scope["path"]).removeprefix(str(scope.get("root_path") or ""))

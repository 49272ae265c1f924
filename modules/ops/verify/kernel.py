"""One cell in one kernel of a Jupyter server, by its REST API and the websocket of the kernel's channels."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from modules.common.errors import HubError
from modules.ops.verify.web import Site

if TYPE_CHECKING:
    from websocket import WebSocket

_CREATED = 201
_CONNECT_SECONDS = 30.0
#: Version of the messages, https://jupyter-client.readthedocs.io/en/stable/messaging.html
_PROTOCOL = "5.3"
_LOOK = "look at the server's log: kubectl logs of its pod"


def run_cell(site: Site, server: str, code: str, *, seconds: float) -> str:
    """What the cell prints on standard output. server: path of a running server, `/user/ada`.

    Raises HubError when there is no kernel, the cell fails, or it does not end within `seconds`.
    """
    with _kernel(site, server) as kernel, _channels(site, f"{server}/api/kernels/{kernel}/channels") as socket:
        return _execute(socket, code, seconds)


@contextmanager
def _kernel(site: Site, server: str) -> Iterator[str]:
    reply = site.ask("POST", f"{server}/api/kernels", {}, seconds=_CONNECT_SECONDS)
    if reply.status != _CREATED:
        raise HubError(f"the server starts no kernel: {reply.status}", fix=_LOOK)
    name = str(reply.json()["id"])
    try:
        yield name
    finally:
        site.ask("DELETE", f"{server}/api/kernels/{name}")


@contextmanager
def _channels(site: Site, path: str) -> Iterator[WebSocket]:
    from websocket import WebSocketException, create_connection

    url = f"ws{site.url.removeprefix('http')}{path}"
    try:
        socket = create_connection(url, header=[f"Authorization: token {site.token}"], timeout=_CONNECT_SECONDS)
    except (OSError, WebSocketException) as error:
        fix = "something between here and the hub lets no websockets through; notebooks will not work either"
        raise HubError(f"no websocket to the server ({type(error).__name__})", fix=fix) from error
    try:
        yield socket
    finally:
        socket.close()


def _execute(socket: WebSocket, code: str, seconds: float) -> str:
    message = _request(code)
    socket.send(json.dumps(message))
    printed: list[str] = []
    for kind, content in _answers(socket, message["header"]["msg_id"], time.monotonic() + seconds):
        if kind == "stream" and content.get("name") == "stdout":
            printed.append(str(content.get("text", "")))
        elif kind == "error":
            raise HubError(f"the cell failed: {content.get('ename')}: {content.get('evalue')}", fix=_LOOK)
        elif kind == "status" and content.get("execution_state") == "idle":
            break
    return "".join(printed)


def _request(code: str) -> dict[str, Any]:
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "username": "", "session": uuid.uuid4().hex, "version": _PROTOCOL}
    content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
    return {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}


def _answers(socket: WebSocket, message: str, deadline: float) -> Iterator[tuple[str, dict[str, Any]]]:
    """(type, content) of what comes back for one message. Raises HubError at the deadline, or when the connection ends."""
    from websocket import WebSocketException, WebSocketTimeoutException

    while True:
        socket.settimeout(max(deadline - time.monotonic(), 0.01))
        try:
            text = socket.recv()
        except (WebSocketTimeoutException, TimeoutError) as error:
            raise HubError("the cell did not end in time", fix=_LOOK) from error
        except (OSError, WebSocketException) as error:
            raise HubError(f"the server went away in the middle of a cell ({type(error).__name__})", fix=_LOOK) from error
        found = json.loads(text) if text else {}
        if found.get("parent_header", {}).get("msg_id") == message:
            yield str(found["header"]["msg_type"]), found.get("content") or {}

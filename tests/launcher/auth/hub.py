"""A stand-in for JupyterHub's /hub/api/user on 127.0.0.1: answers what a test says for a token. It knows no roles and
expands no scopes."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def user(name: str, *scopes: str, kind: str = "user", admin: bool = False) -> dict[str, Any]:
    """The model that the hub gives of a token's owner."""
    return {"name": name, "kind": kind, "admin": admin, "scopes": list(scopes), "groups": []}


class FakeHub:
    """models: what the hub says by token, or (status, body). asked: the header of each call."""

    def __init__(self, models: dict[str, Any]) -> None:
        self.models = models
        self.asked: list[str] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.asked.append(self.headers["Authorization"])
                found = hub.models.get(self.headers["Authorization"].removeprefix("token "), (403, {}))
                status, body = found if isinstance(found, tuple) else (200, found)
                payload = body.encode() if isinstance(body, str) else json.dumps(body).encode()
                self.send_response(status if self.path == "/hub/api/user" else 404)
                if status == 302:
                    self.send_header("Location", f"{hub.url}/user")
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, format: str, *args: Any) -> None:
                """Tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hub/api"

    def __enter__(self) -> FakeHub:
        threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.02), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

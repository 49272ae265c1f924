"""A server that gives the answers a test wrote down, and keeps what it was asked."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    token: str
    body: Any


@dataclass
class Scripted:
    """answers: (code, body) in turn, the last one for ever; a body that is no text becomes JSON; code 0 hangs up."""

    answers: list[tuple[int, Any]] = field(default_factory=lambda: [(200, [])])
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def next(self) -> tuple[int, bytes]:
        code, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return code, (body if isinstance(body, str) else json.dumps(body)).encode()


@contextmanager
def serve(tls: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    """On a free port of 127.0.0.1."""
    script = Scripted()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self._answer
            raise AttributeError(name)

        def _answer(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(text) if text else None
            script.asked.append(Asked(self.command, self.path, self.headers.get("Authorization", "").removeprefix("Bearer "), body))
            code, answer = script.next()
            if not code:
                self.close_connection = True
                return
            self.send_response(code)
            for name, value in {"Content-Length": str(len(answer)), **script.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """A test's output is the test's."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    script.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""A small web service on a free loopback port, in threads of the test's own process."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """One request. form: of a urlencoded body; cookies: by name."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))

    @property
    def cookies(self) -> dict[str, str]:
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return {name: value for name, _, value in pairs if name}


@dataclass
class Reply:
    """One answer. body: text as HTML, anything else but bytes as JSON. stream: yields chunks instead of a body."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    stream: Callable[[], Any] | None = None


def redirect(url: str, **headers: str) -> Reply:
    """302 to `url`."""
    return Reply(302, headers={"Location": url, **headers})


class Site:
    """Answers by `answer`; what was asked is kept in `asked`."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, request: Request) -> Reply:
        raise NotImplementedError

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except ConnectionError:
                    self.close_connection = True

            def _any(self) -> None:
                parts = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length") or 0))
                request = Request(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
                site.asked.append(request)
                self._send(site.answer(request))

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _any  # noqa: N815  # http.server's names

            def _send(self, reply: Reply) -> None:
                kind, content = _encode(reply.body)
                self.send_response(reply.status)
                for name, value in {"Content-Type": kind, **reply.headers}.items():
                    self.send_header(name, value)
                if reply.stream is None and reply.status != 204:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                for chunk in reply.stream() if reply.stream else (content,):
                    self.wfile.write(chunk)
                    self.wfile.flush()

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        return Handler


def _encode(body: Any) -> tuple[str, bytes]:
    if isinstance(body, bytes):
        return "application/octet-stream", body
    if isinstance(body, str):
        return "text/html; charset=utf-8", body.encode()
    return "application/json", json.dumps(body).encode()

"""The stand-in on a port of 127.0.0.1, plain or with TLS."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from modules.rehearsal.cluster.api.answers import Answer, Request
from tests.launcher.fake_kubernetes.cluster import Cluster


@contextmanager
def serve(cluster: Cluster, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Its URL, as long as the context lasts."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.cluster = cluster
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Fifty clients at once are more than the five that wait in line by default.
    request_queue_size = 256
    cluster: Cluster

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up waiting is what the test wanted."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One packet an answer: two would wait for each other (Nagle and delayed acknowledgements).
    wbufsize = -1
    server: _Server

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        request = Request(self.command, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), kind, body)
        answer = self.server.cluster.answer(request, self.headers.get("Authorization", ""))
        if answer is None:
            self.close_connection = True
        elif answer.stream is None:
            self._send(answer)
        else:
            self._stream(answer)

    def __getattr__(self, name: str) -> Any:
        """http.server looks for one method for each verb; all are answered alike."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _send(self, answer: Answer) -> None:
        body = answer.body
        self._head(answer)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, answer: Answer) -> None:
        self._head(answer)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for document in answer.stream or ():
            self.wfile.write(json.dumps(document).encode() + b"\n")
            self.wfile.flush()

    def _head(self, answer: Answer) -> None:
        self.send_response(answer.code)
        self.send_header("Content-Type", "text/plain" if answer.text else "application/json")
        for name, value in answer.headers:
            self.send_header(name, value)

    def log_message(self, *_: object) -> None:
        """A test's output is the test's."""

"""A stand-in for the Kubernetes API of a cluster with Vault's pods: lists them, gives logs, and forwards their port.

It speaks the port-forward protocol of kubectl (WebSocket, v4.channel.k8s.io) as far as one port needs it: no ping, no
fragments. Which pod a connection is for decides which address it ends at.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, BinaryIO
from urllib.parse import parse_qs, urlsplit

_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_BINARY, _CLOSE = 2, 8


@dataclass
class FakePods:
    """ports: of 127.0.0.1, by pod. waiting: reason by pod that does not run. logs: by pod. forbid: refuses to forward.

    asked: the ports that were asked to be forwarded, by pod.
    """

    ports: dict[str, int]
    waiting: dict[str, str] = field(default_factory=dict)
    active: str = ""
    logs: dict[str, str] = field(default_factory=dict)
    forbid: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    def pods(self, selector: str) -> dict[str, Any]:
        """The list, as the API gives it."""
        names = sorted(self.ports.keys() | self.waiting.keys())
        chosen = [each for each in names if "vault-active=true" not in selector or each == self.active]
        return {"kind": "PodList", "apiVersion": "v1", "items": [self._pod(each) for each in chosen]}

    def _pod(self, name: str) -> dict[str, Any]:
        state = {"waiting": {"reason": self.waiting[name]}} if name in self.waiting else {"running": {}}
        return {"metadata": {"name": name}, "status": {"phase": "Running", "containerStatuses": [{"name": "vault", "state": state}]}}


@contextmanager
def serve(cluster: FakePods) -> Iterator[FakePods]:
    """Answer for `cluster` on a port of loopback."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"cluster": cluster}))
    server.daemon_threads = True
    cluster.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield cluster
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    cluster: FakePods
    wbufsize = 65536

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        query, parts = parse_qs(place.query), place.path.split("/")
        if place.path.endswith("/pods"):
            self._json(200, self.cluster.pods(query.get("labelSelector", [""])[0]))
        elif place.path.endswith("/log"):
            self._text(self.cluster.logs.get(parts[-2], ""))
        elif place.path.endswith("/portforward") and not self.cluster.forbid and parts[-2] in self.cluster.ports:
            self.cluster.asked.append((parts[-2], query["ports"][0]))
            self._forward(self.cluster.ports[parts[-2]], int(query["ports"][0]))
        else:
            status = 403 if self.cluster.forbid else 404
            self._json(status, {"kind": "Status", "apiVersion": "v1", "message": "pods is forbidden", "code": status})

    def _json(self, status: int, found: dict[str, Any]) -> None:
        self._answer(status, "application/json", json.dumps(found).encode())

    def _text(self, text: str) -> None:
        self._answer(200, "text/plain", text.encode())

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _forward(self, local: int, port: int) -> None:
        accept = base64.b64encode(hashlib.sha1(f"{self.headers['Sec-WebSocket-Key']}{_MAGIC}".encode()).digest()).decode()
        self.send_response(101)
        for name, value in (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept)):
            self.send_header(name, value)
        self.send_header("Sec-WebSocket-Protocol", "v4.channel.k8s.io")
        self.end_headers()
        self.wfile.flush()
        _pump(self.connection, self.rfile, local, port)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""


def _pump(near: socket.socket, reader: BinaryIO, local: int, port: int) -> None:
    """Between the WebSocket and the pod's port, until either ends."""
    with socket.create_connection(("127.0.0.1", local)) as far:
        for channel in (0, 1):
            near.sendall(_frame(bytes([channel]) + struct.pack("<H", port)))
        threading.Thread(target=_back, args=(far, near), daemon=True).start()
        while (data := _read(reader)) is not None:
            if data[:1] == b"\0":
                far.sendall(data[1:])


def _back(far: socket.socket, near: socket.socket) -> None:
    with suppress(OSError):
        while data := far.recv(65536):
            near.sendall(_frame(b"\0" + data))
        near.sendall(_frame(b"", _CLOSE))


def _frame(data: bytes, code: int = _BINARY) -> bytes:
    size = len(data)
    head = struct.pack("!BB", 0x80 | code, size) if size < 126 else struct.pack("!BBH", 0x80 | code, 126, size)
    return (head if size < 65536 else struct.pack("!BBQ", 0x80 | code, 127, size)) + data


def _read(reader: BinaryIO) -> bytes | None:
    """The data of the next frame, unmasked; None at the end."""
    head = reader.read(2)
    if len(head) < 2 or head[0] & 0x0F == _CLOSE:
        return None
    size = head[1] & 0x7F
    if size > 125:
        size = int.from_bytes(reader.read(2 if size == 126 else 8))
    mask, data = reader.read(4), reader.read(size)
    return bytes(byte ^ mask[number % 4] for number, byte in enumerate(data))

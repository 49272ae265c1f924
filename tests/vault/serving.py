"""Serves the stand-in by TLS on loopback, with a certificate of a CA made for the test."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.vault.double import FakeVault


@contextmanager
def serve(vault: FakeVault, certificate: str, key: str, folder: Path) -> Iterator[str]:
    """The address of `vault`. certificate, key: PEM; `folder` holds them for the TLS library."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: in two, each call would wait 40 ms for an acknowledgement.
        wbufsize = 65536
        disable_nagle_algorithm = True

        def _do(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body: Any = json.loads(self.rfile.read(length)) if length else None
            place = urlsplit(self.path)
            path = unquote(place.path).removeprefix("/v1/")
            status, found = vault.answer(self.command, path, parse_qs(place.query), self.headers.get("X-Vault-Token", ""), body)
            text = b"" if found is None else json.dumps(found).encode()
            self.send_response(204 if found is None else status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_DELETE = _do  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    pem = folder / "server.pem"
    pem.write_text(key + certificate, encoding="ascii")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""A stand-in for an EKS API server on 127.0.0.1: lists no deployments, and learns who asks as the real one does, by sending
the signed question in the token on to STS. It authorises nothing and does not check how old a signature is."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class ClusterApi:
    """name: the cluster that tokens must be for; "": the token is a service account's and is only noted. tls: to serve with.

    status: what it answers to known callers. seen: each caller's access key and token.
    """

    def __init__(self, name: str, tls: ssl.SSLContext | None = None) -> None:
        self.name, self.status = name, 200
        self.seen: list[tuple[str, str]] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                known = api._learn(self.headers.get("Authorization", ""))
                payload = json.dumps({"kind": "DeploymentList", "apiVersion": "apps/v1", "metadata": {}, "items": []}).encode()
                self.send_response(api.status if known else 401)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, format: str, *args: Any) -> None:
                """Tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_address[1]}"

    def _learn(self, header: str) -> bool:
        if not self.name:
            self.seen.append(("", header.partition(" ")[2]))
            return True
        token = header.removeprefix("Bearer k8s-aws-v1.")
        url = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        words = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)
        if "x-k8s-aws-id" not in words["X-Amz-SignedHeaders"][0].split(";"):
            return False
        try:
            urllib.request.urlopen(urllib.request.Request(url, headers={"x-k8s-aws-id": self.name}), timeout=30).close()
        except urllib.error.HTTPError:
            return False
        self.seen.append((words["X-Amz-Credential"][0].split("/")[0], token))
        return True

    @property
    def signers(self) -> list[str]:
        """The access keys that signed, in turn."""
        return [key for key, _ in self.seen]

    def __enter__(self) -> ClusterApi:
        threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.02), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

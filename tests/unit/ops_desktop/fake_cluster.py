"""A Kubernetes API of four calls on loopback, plain or by TLS, that can be told to refuse."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests._support.certificates import self_signed

BOARD, SEATS = "/api/v1/namespaces/dcv/configmaps/dcv-agent-config-map", "/apis/apps/v1/namespaces/dcv/deployments/dcv-seats"


@dataclass
class FakeCluster:
    """data: of the ConfigMap, None for none. wanted: of the Deployment, None for none. refuse: (status, message) for every call.

    calls: (method, path, authorization, body) of each.
    """

    data: dict[str, str] | None = field(default_factory=dict)
    wanted: int | None = 1
    ready: int = 0
    refuse: tuple[int, str] | None = None
    url: str = ""
    authority: str = ""
    calls: list[tuple[str, str, str, Any]] = field(default_factory=list)

    def answer(self, method: str, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        """Status and object."""
        if self.refuse:
            return self.refuse[0], {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": self.refuse[1]}
        metadata = {"name": path.split("/")[-1], "namespace": "dcv"}
        if path == BOARD and self.data is not None:
            return 200, {"kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata, "data": self.data}
        if path == SEATS and self.wanted is not None:
            template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "pause", "image": "pause:3"}]}}
            spec = {"replicas": self.wanted, "selector": {"matchLabels": {"a": "b"}}, "template": template}
            # As a real server has it: no key while none is ready.
            status = {"readyReplicas": self.ready} if self.ready else {}
            return 200, {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": metadata, "spec": spec, "status": status}
        if path == f"{SEATS}/scale" and method == "PATCH" and self.wanted is not None:
            self.wanted = int(body["spec"]["replicas"])
            return 200, {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata, "spec": {"replicas": self.wanted}}
        return 404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "message": f"{path} not found"}


@contextmanager
def serve(cluster: FakeCluster, folder: Path | None = None) -> Iterator[FakeCluster]:
    """Answer for `cluster` on a port of loopback; with `folder`, by TLS with a certificate made there."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            cluster.calls.append((self.command, self.path, self.headers.get("authorization", ""), body))
            status, found = cluster.answer(self.command, self.path, body)
            text = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_PATCH = _do  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if folder is not None:
        cluster.authority = base64.b64encode(self_signed(folder / "server.pem").encode()).decode()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    cluster.url = f"http{'s' if folder else ''}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield cluster
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

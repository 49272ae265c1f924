"""A stand-in for the Kubernetes API over plain HTTP: one namespace's ConfigMaps and Deployment scales, and faults on demand."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

_REASONS = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 429: "TooManyRequests", 500: "InternalError"}
_MERGE = "application/merge-patch+json"


@dataclass(frozen=True)
class Request:
    """What a client asked: `body` is what it sent, parsed."""

    method: str
    path: str
    content_type: str
    body: Any


@dataclass
class Fault:
    """The next `times` requests whose `METHOD path` holds `match` get `status`; status 0 hangs up without an answer."""

    status: int
    match: str = ""
    times: int = 1_000_000


@dataclass
class FakeKubernetes:
    """State and behaviour; `serve()` gives it a port. All fields may be changed while it runs."""

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    token: str = ""
    delay: float = 0.0
    url: str = ""
    _version: int = 100
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def config_map(self, name: str, namespace: str = "dcv", **data: str) -> None:
        """Puts a ConfigMap there."""
        with self._lock:
            self.objects[f"/api/v1/namespaces/{namespace}/configmaps/{name}"] = {
                "kind": "ConfigMap",
                "metadata": {"name": name, "resourceVersion": self._next()},
                "data": data,
            }

    def scale(self, name: str, replicas: int, namespace: str = "dcv") -> None:
        """Puts a Deployment's scale there, or changes the wish as a person would."""
        with self._lock:
            self.objects[f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale"] = {
                "kind": "Scale",
                "metadata": {"name": name, "resourceVersion": self._next()},
                "spec": {"replicas": replicas},
            }

    def data(self, name: str, namespace: str = "dcv") -> dict[str, str]:
        """What a ConfigMap holds now."""
        with self._lock:
            return dict(self.objects[f"/api/v1/namespaces/{namespace}/configmaps/{name}"]["data"])

    def replicas(self, name: str, namespace: str = "dcv") -> int:
        """What a Deployment wants now."""
        with self._lock:
            return int(self.objects[f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale"]["spec"]["replicas"])

    def edit(self, name: str, change: dict[str, str | None], namespace: str = "dcv") -> None:
        """Somebody else changes keys of a ConfigMap."""
        self._patch(f"/api/v1/namespaces/{namespace}/configmaps/{name}", {"data": change})

    def patches(self) -> list[Request]:
        """The writes so far."""
        return [request for request in self.requests if request.method == "PATCH"]

    def kubeconfig(self, folder: Path, token: str = "first") -> Path:
        """Writes `<folder>/kubeconfig` with a token file beside it (`<folder>/token`), which a test may replace."""
        (folder / "token").write_text(token)
        path = folder / "kubeconfig"
        user = {"name": "pod", "user": {"tokenFile": str(folder / "token")}}
        path.write_text(yaml.safe_dump({"clusters": [{"name": "fake", "cluster": {"server": self.url}}], "users": [user]}))
        return path

    def answer(self, request: Request, token: str) -> tuple[int, dict[str, Any]]:
        """The status and the object for one request; status 0 means: hang up."""
        with self._lock:
            self.requests.append(request)
            fault = next((one for one in self.faults if one.times > 0 and one.match in f"{request.method} {request.path}"), None)
            if fault is not None:
                fault.times -= 1
                return fault.status, _status(fault.status)
            if self.token and token != f"Bearer {self.token}":
                return 401, _status(401)
            if request.path not in self.objects:
                return 404, _status(404)
            if request.method == "GET":
                return 200, self.objects[request.path]
            if request.content_type != _MERGE:
                return 415, _status(415)
            return self._patch(request.path, request.body)

    def _patch(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        with self._lock:
            found = self.objects[path]
            wanted = body.get("metadata", {}).get("resourceVersion")
            if wanted is not None and wanted != found["metadata"]["resourceVersion"]:
                return 409, _status(409)
            merged = _merge(found, {key: value for key, value in body.items() if key != "metadata"})
            if merged != found:
                merged["metadata"] = {**found["metadata"], "resourceVersion": self._next()}
            self.objects[path] = merged
            return 200, merged

    def _next(self) -> str:
        self._version += 1
        return str(self._version)


@contextmanager
def serve(fake: FakeKubernetes | None = None) -> Iterator[FakeKubernetes]:
    """A FakeKubernetes on a free port of 127.0.0.1."""
    state = fake or FakeKubernetes()
    server = _Server(("127.0.0.1", 0), _Handler)
    server.state = state
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    state: FakeKubernetes

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up waiting is what the test wanted."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._serve(None)

    def do_PATCH(self) -> None:
        self._serve(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _serve(self, body: Any) -> None:
        time.sleep(self.server.state.delay)
        request = Request(self.command, self.path, self.headers.get("Content-Type", ""), body)
        status, answer = self.server.state.answer(request, self.headers.get("Authorization", ""))
        if status == 0:
            self.close_connection = True
            return
        content = json.dumps(answer).encode()
        self.send_response(status, _REASONS.get(status))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """A test's output is the test's."""


def _merge(old: Any, new: Any) -> Any:
    """RFC 7396: null removes, mappings merge, everything else replaces."""
    if not isinstance(new, dict):
        return new
    merged = dict(old) if isinstance(old, dict) else {}
    for key, value in new.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge(merged.get(key), value)
    return merged


def _status(code: int) -> dict[str, Any]:
    return {"kind": "Status", "status": "Failure", "code": code, "reason": _REASONS.get(code, "Unknown")}

"""A chart repository and an OCI registry on loopback, with one small chart."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: nodepools.karpenter.sh}
spec:
  group: karpenter.sh
  scope: Cluster
  names: {kind: NodePool, plural: nodepools}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          description: long
          type: object
          properties: {spec: {type: object, description: long, properties: {description: {type: string}}}}
"""
VALUES = "settings:\n  clusterName: ''\n  # vmMemory: 1\nreplicas: 2\nnodeSelector:\n  kubernetes.io/os: linux\n"


def archive(chart: str, files: dict[str, str]) -> bytes:
    """A chart as `helm package` makes it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as packed:
        for name, text in files.items():
            info = tarfile.TarInfo(f"{chart}/{name}")
            info.size = len(text.encode())
            packed.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


def sha256(body: bytes) -> str:
    """The digest as registries write it."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


class Repository:
    """pages: path to body. locked: paths below it want the token. asked: paths in order."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.locked = ""
        self.asked: list[str] = []
        self.address = ""

    def add_to_index(self, chart: str, version: str, body: bytes, **entry: Any) -> None:
        """Offer a chart in the index."""
        self.pages[f"/charts/{chart}-{version}.tgz"] = body
        entries = {chart: [{"version": version, "urls": [f"{chart}-{version}.tgz"], **entry}]}
        self.pages["/charts/index.yaml"] = json.dumps({"apiVersion": "v1", "entries": entries}).encode()

    def push(self, chart: str, version: str, body: bytes, media: str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip") -> bytes:
        """Offer a chart in the registry, behind a token that anybody gets; gives its manifest."""
        manifest = json.dumps({"schemaVersion": 2, "layers": [{"mediaType": media, "digest": sha256(body)}]}).encode()
        self.pages[f"/v2/karpenter/{chart}/manifests/{version}"] = manifest
        self.pages[f"/v2/karpenter/{chart}/blobs/{sha256(body)}"] = body
        self.pages["/token"] = b'{"token": "for-anybody"}'
        self.locked = "/v2/"
        return manifest


@contextmanager
def serving() -> Iterator[Repository]:
    """A Repository that answers while the context lasts."""
    repository = Repository()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            repository.asked.append(path)
            if repository.locked and path.startswith(repository.locked) and self.headers.get("Authorization") != "Bearer for-anybody":
                realm = f'Bearer realm="{repository.address}/token",service="loopback",scope="pull"'
                self._answer(401, b"", realm)
            else:
                self._answer(200 if path in repository.pages else 404, repository.pages.get(path, b""))

        def _answer(self, code: int, body: bytes, challenge: str = "") -> None:
            self.send_response(code)
            if challenge:
                self.send_header("WWW-Authenticate", challenge)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    repository.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield repository
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

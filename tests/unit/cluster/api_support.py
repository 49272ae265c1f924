"""The API of a cluster in this process, and Kubernetes' own client for it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kubernetes import client
from kubernetes.client import ApiClient, ApiException, Configuration
from werkzeug.serving import WSGIRequestHandler, make_server

from modules.rehearsal.cluster.api.server import Api
from modules.rehearsal.cluster.backend import ClusterBackend
from modules.rehearsal.cluster.world import World
from modules.rehearsal.cluster.worlds import Worlds
from modules.rehearsal.verdicts.judge import Judge
from modules.rehearsal.verdicts.schemas import known_schemas
from tests.unit.cluster.support import HOST, make_backend, namespace

REGION, NAME = "us-east-2", "demo"
PAUSE = "registry.k8s.io/pause:3.10"


class Quiet(WSGIRequestHandler):
    """As the emulator's: HTTP 1.1, so that a watch is chunked."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Nothing."""


class Served:
    """worlds: behind the API of the cluster `demo`. url: a kubeconfig's server."""

    def __init__(self, worlds: Worlds, port: int) -> None:
        self.worlds, self.url = worlds, f"http://127.0.0.1:{port}/{REGION}/{NAME}"
        self.client = client_of(self.url)

    @property
    def world(self) -> World:
        return self.worlds.at(HOST)

    def terraform(self) -> ClusterBackend:
        """The stand-in providers of the same cluster."""
        return make_backend(self.worlds)


def client_of(url: str) -> ApiClient:
    """Kubernetes' own client. No retries: a fault is to be seen."""
    return ApiClient(Configuration(host=url, api_key={"authorization": "Bearer anything"}))


@pytest.fixture(scope="module")
def served_process() -> Iterator[Served]:
    worlds = Worlds()
    api = Api(lambda region, name: worlds.at(HOST) if (region, name) == (REGION, NAME) else None, Judge(known_schemas()))
    server = make_server(
        "127.0.0.1",
        0,
        lambda environ, start: api.wsgi(environ, start, environ["PATH_INFO"].lstrip("/")),
        threaded=True,
        request_handler=Quiet,
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Served(worlds, server.port)
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def served(served_process: Served) -> Served:
    """A fresh cluster with the namespace `dcv`, which Terraform made, behind the one server of the module."""
    served_process.worlds.clear()
    labels = {"pod-security.kubernetes.io/enforce": "privileged"}
    made = namespace("dcv", **labels)
    served_process.terraform().create("kubernetes_namespace_v1", made, made)
    return served_process


def config_map(name: str, labels: dict[str, str] | None = None, **data: str) -> client.V1ConfigMap:
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels=labels), data=data)


def deployment(name: str = "dcv-seats", replicas: int | None = 1, image: str = PAUSE, account: str = "default") -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": name}
    limits = {"cpu": "10m", "memory": "16Mi"}
    container = {"name": "pause", "image": image, "resources": {"requests": limits, "limits": limits}}
    template = {"metadata": {"labels": labels}, "spec": {"serviceAccountName": account, "containers": [container]}}
    spec = {"selector": {"matchLabels": labels}, "template": template, **({} if replicas is None else {"replicas": replicas})}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def refusal(act: Callable[[], object]) -> tuple[int, str, str]:
    """(code, reason, message) of the Status that a call ends in."""
    with pytest.raises(ApiException) as refused:
        act()
    said = json.loads(refused.value.body)
    assert (said["kind"], said["status"], said["code"]) == ("Status", "Failure", refused.value.status)
    return refused.value.status, said["reason"], said["message"]

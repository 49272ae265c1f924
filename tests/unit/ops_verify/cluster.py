"""A healthy cluster, put together through the API of the rehearsal's own: objects, and the statuses that controllers would write."""

from __future__ import annotations

import copy
from typing import Any

from modules.common.scheduling import placement
from modules.config.models import HubConfig
from modules.config.nodes import node_pool_names
from modules.ops.cluster_api import ClusterApi
from modules.rehearsal.cluster.world import Held, Key, World
from tests.unit.cluster.api_support import deployment

Document = dict[str, Any]
HUB = "jupyterhub"
SYSTEM = "kube-system"
_PATHS = {
    "Namespace": "/api/v1/namespaces",
    "Node": "/api/v1/nodes",
    "Pod": "/api/v1/namespaces/{}/pods",
    "PersistentVolumeClaim": "/api/v1/namespaces/{}/persistentvolumeclaims",
    "Event": "/api/v1/namespaces/{}/events",
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "NodePool": "/apis/karpenter.sh/v1/nodepools",
}

#: The objects of a whole install, as the API made them.
_FILLED: dict[Key, Held] = {}


def is_true(kind: str, value: str = "True", **more: str) -> Document:
    """A status of one condition."""
    return {"conditions": [{"type": kind, "status": value, **more}]}


class Cluster:
    """The stand-in cluster of one test."""

    def __init__(self, api: ClusterApi, world: World) -> None:
        self.api, self._world = api, world

    def put(self, document: Document, status: Document | None = None) -> None:
        """Make an object, and say its status."""
        path = self._path(document)
        assert self.api.ask("POST", path, "make it", body=document) is not None, path
        if status:
            self.tell(document["kind"], document["metadata"]["name"], status, document["metadata"].get("namespace", ""))

    def tell(self, kind: str, name: str, status: Document, namespace: str = "") -> None:
        """What a controller would write; the lists of the old status are replaced."""
        path = f"{_PATHS[kind].format(namespace)}/{name}/status"
        assert self.api.ask("PATCH", path, "tell", body={"status": status}, kind="application/merge-patch+json") is not None, path

    def drop(self, kind: str, name: str, namespace: str = "") -> None:
        """An object is gone, whatever its finalizers would have waited for."""
        with self._world.lock:
            self._world.drop(Key(kind, namespace, name))

    def fill(self, config: HubConfig) -> None:
        """All that an install leaves, all of it well. Made through the API once, and copied afterwards."""
        if not _FILLED:
            _fill(self, config)
            _FILLED.update(copy.deepcopy(self._world.objects))
        with self._world.lock:
            self._world.objects.update(copy.deepcopy(_FILLED))

    def _path(self, document: Document) -> str:
        return _PATHS[document["kind"]].format(document["metadata"].get("namespace", ""))


def _fill(cluster: Cluster, config: HubConfig) -> None:
    cluster.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HUB}})
    for number in (1, 2):
        cluster.put(node(f"core-{number}"), is_true("Ready"))
    for name, labels in {
        "coredns": {"k8s-app": "kube-dns"},
        "aws-load-balancer-controller": {"app.kubernetes.io/instance": "aws-load-balancer-controller"},
        "external-dns": {"app.kubernetes.io/instance": "external-dns"},
        config.cluster.autoscaler: {"app.kubernetes.io/instance": config.cluster.autoscaler},
    }.items():
        made = deployment(name)
        made["metadata"] |= {"namespace": SYSTEM, "labels": labels}
        cluster.put(made, is_true("Available"))
    for key, pool in config.pools.items():
        for name in node_pool_names(key, pool):
            cluster.put(node_pool(name), is_true("Ready"))
    for component in ("hub", "proxy"):
        cluster.put(pod(component, {"app": "jupyterhub", "component": component}), {"phase": "Running", **is_true("Ready")})
    cluster.put(claim("hub-db-dir"), {"phase": "Bound"})


def node(name: str) -> Document:
    """A core node."""
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": dict(placement("core", None).labels)}}


def pod(name: str, labels: dict[str, str], *claims: str) -> Document:
    """A pod of the hub's namespace that uses claims."""
    limits = {"cpu": "10m", "memory": "16Mi"}
    container = {"name": "main", "image": "registry.k8s.io/pause:3.10", "resources": {"requests": limits, "limits": limits}}
    volumes = [{"name": f"v{index}", "persistentVolumeClaim": {"claimName": each}} for index, each in enumerate(claims)]
    spec = {"containers": [container], "volumes": volumes}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": HUB, "labels": labels}, "spec": spec}


def claim(name: str) -> Document:
    """A claim of the hub's namespace."""
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "gp2"}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "namespace": HUB}, "spec": spec}


def event(name: str, reason: str, message: str) -> Document:
    """The last word on a claim."""
    about = {"kind": "PersistentVolumeClaim", "namespace": HUB, "name": name}
    metadata = {"name": f"{name}.1", "namespace": HUB}
    return {"apiVersion": "v1", "kind": "Event", "metadata": metadata, "involvedObject": about, "reason": reason, "message": message}


def node_pool(name: str) -> Document:
    """A NodePool as small as its schema lets it be."""
    wanted = [{"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]}]
    reference = {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"}
    template = {"spec": {"nodeClassRef": reference, "requirements": wanted}}
    return {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": name}, "spec": {"template": template}}

"""Stands in for a cluster's API, as far as ./hub ray asks it: Deployments, one RayCluster, pods, Secrets. No controller runs."""

from __future__ import annotations

import base64
import socket
from dataclasses import dataclass, field
from typing import Any

from modules.common.errors import HubError

Document = dict[str, Any]
IMAGE = "rayproject/ray:2.60.0-py311"


@dataclass
class FakeCluster:
    """objects: by path. pods: by namespace. dials: sockets that forward() gives, one each; none for a way that is refused."""

    objects: dict[str, Document] = field(default_factory=dict)
    pods: dict[str, list[Document]] = field(default_factory=dict)
    dials: list[socket.socket] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)

    def add_static(self, name: str, *, head: int = 1, workers: int = 4, namespace: str = "ray", image: str = IMAGE) -> None:
        """A cluster whose pods are all ready."""
        for role, count in (("head", head), ("worker", workers)):
            labels = {"hubsmith.io/ray-cluster": name, "hubsmith.io/ray-role": role}
            self.objects[f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}-ray-{role}"] = {
                "metadata": {"name": f"{name}-ray-{role}", "labels": {**labels, "app.kubernetes.io/version": "2.60.0"}},
                "spec": {
                    "replicas": count,
                    "selector": {"matchLabels": labels},
                    "template": {"spec": {"containers": [{"name": f"ray-{role}", "image": image}]}},
                },
                "status": {"readyReplicas": count} if count else {},
            }

    def add_kuberay(self, name: str, *, workers: int = 1, suspend: bool = False, namespace: str = "ray", **status: Any) -> None:
        """A RayCluster as the chart makes it."""
        template = {"spec": {"containers": [{"name": "ray-head", "image": IMAGE}]}}
        group = {"groupName": "workers", "replicas": workers, "minReplicas": workers, "maxReplicas": 8}
        spec = {"rayVersion": "2.60.0", "suspend": suspend, "headGroupSpec": {"template": template}, "workerGroupSpecs": [group]}
        self.objects[_ray_cluster(name, namespace)] = {"metadata": {"name": f"{name}-ray"}, "spec": spec, "status": status}

    def ray_cluster(self, name: str, namespace: str = "ray") -> Document:
        """What a RayCluster asks for."""
        spec: Document = self.objects[_ray_cluster(name, namespace)]["spec"]
        return spec

    def size(self, name: str, role: str, namespace: str = "ray") -> int:
        """What a Deployment asks for."""
        return int(self.objects[f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}-ray-{role}"]["spec"]["replicas"])

    def settle(self) -> None:
        """The controllers' part: every pod that is asked for is ready."""
        for each in self.objects.values():
            if "replicas" in each["spec"]:
                each["status"] = {"readyReplicas": each["spec"]["replicas"]}

    def add_pod(self, name: str, namespace: str, labels: dict[str, str], status: Document | None = None, image: str = IMAGE) -> None:
        """A pod, running unless `status` says otherwise."""
        spec = {"containers": [{"name": "notebook", "image": image}]}
        pod = {"metadata": {"name": name, "labels": labels}, "spec": spec, "status": status or {"phase": "Running"}}
        self.pods.setdefault(namespace, []).append(pod)

    def add_head(self, name: str, namespace: str = "ray") -> None:
        """A head's pod that runs, and the Secret with its token."""
        self.add_pod(f"{name}-ray-head-0", namespace, {"hubsmith.io/ray-cluster": name, "hubsmith.io/ray-role": "head"})
        data = {"auth_token": base64.b64encode(b"canary-token").decode()}
        self.objects[f"/api/v1/namespaces/{namespace}/secrets/{name}-ray-token"] = {"data": data, "spec": {}}

    def read(self, path: str, what: str, **query: str) -> Document | None:
        """As ClusterApi."""
        return self.objects.get(path)

    def items(self, path: str, what: str, **query: str) -> list[Document]:
        """As ClusterApi, for pods."""
        wanted = dict(each.split("=") for each in query["labelSelector"].split(","))
        return [pod for pod in self.pods.get(path.split("/")[4], ()) if wanted.items() <= pod["metadata"]["labels"].items()]

    def scale(self, namespace: str, name: str, replicas: int) -> bool:
        """As ClusterApi."""
        found = self.objects.get(f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
        if found is None:
            return False
        self.writes.append(f"{name}={replicas}")
        found["spec"]["replicas"] = replicas
        return True

    def ask(self, method: str, path: str, what: str, *, body: Any = None, kind: str = "") -> bytes | None:
        """As ClusterApi, for JSON patches that add."""
        assert (method, kind) == ("PATCH", "application/json-patch+json")
        if path not in self.objects:
            return None
        for each in body:
            assert each["op"] == "add"
            *way, last = each["path"].strip("/").split("/")
            place: Any = self.objects[path]
            for step in way:
                place = place[int(step)] if isinstance(place, list) else place[step]
            place[last] = each["value"]
            self.writes.append(f"{each['path']}={each['value']}")
        return b"{}"

    def forward(self, namespace: str, pod: str, port: int) -> socket.socket:
        """As ClusterApi."""
        if not self.dials:
            raise HubError(f"could not open a way to {pod}")
        return self.dials.pop()


def _ray_cluster(name: str, namespace: str) -> str:
    return f"/apis/ray.io/v1/namespaces/{namespace}/rayclusters/{name}-ray"

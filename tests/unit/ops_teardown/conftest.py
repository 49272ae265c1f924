"""A cluster on the rehearsal's own API, in this process; AWS is asked nothing."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import pytest

from modules.config.models import HubConfig
from modules.ops.cluster_api import ClusterApi
from modules.ops.failures.kubernetes import Door
from modules.ops.progress import Display
from modules.ops.sleep.patience import Patience
from modules.ops.state import StackState, StateResource
from modules.ops.teardown.freeze import Freeze, look
from modules.rehearsal.cluster.world import OUTSIDE, Key, Release, World
from tests.unit.cluster.api_support import Served, client_of, deployment, served, served_process
from tests.unit.ops_aws.support import make_config

__all__ = ["served", "served_process"]

HUB, SYSTEM = "jupyterhub", "kube-system"
VERSIONS = {
    "NodePool": "karpenter.sh/v1",
    "NodeClaim": "karpenter.sh/v1",
    "RayCluster": "ray.io/v1",
    "DaskCluster": "gateway.dask.org/v1alpha1",
    "Ingress": "networking.k8s.io/v1",
    "Deployment": "apps/v1",
    "PodDisruptionBudget": "policy/v1",
}
KINDS = {"NodePool": "karpenter", "NodeClaim": "karpenter", "RayCluster": "kuberay-operator", "DaskCluster": "dask-gateway"}


class Listener(Display):
    """Remembers what was said."""

    def __init__(self) -> None:
        super().__init__("lab")
        self.said: list[str] = []

    def step(self, name: str, text: str, mark: str = "ok") -> None:
        self.said.append(f"{name}: {text}")

    def note(self, text: str) -> None:
        self.said.append(text)


@dataclass
class Lab:
    """One cluster, and what the states say of it."""

    served: Served
    config: HubConfig = field(default_factory=make_config)
    display: Listener = field(default_factory=Listener)
    moves: list[Any] = field(default_factory=list)
    charts: tuple[str, ...] = ("karpenter", "aws-load-balancer-controller")

    @property
    def world(self) -> World:
        return self.served.world

    @property
    def api(self) -> ClusterApi:
        return ClusterApi(client_of(self.served.url), Door(self.config))

    @property
    def patience(self) -> Patience:
        """Gives up after some looks; between two of them the next of `moves` happens."""
        ticks = itertools.count()
        return Patience(seconds=6, pause=0, sleep=lambda _: self._move(), clock=lambda: float(next(ticks)))

    def _move(self) -> None:
        if self.moves:
            self.moves.pop(0)()

    def put(self, kind: str, namespace: str, name: str, **more: Any) -> None:
        meta = {"name": name, **({"namespace": namespace} if namespace else {}), **more.pop("metadata", {})}
        with self.world.lock:
            if kind in KINDS:
                chart = KINDS[kind]
                self.world.custom_kinds[kind] = (VERSIONS[kind].partition("/")[0], chart, "1.0.0")
                self.world.releases.setdefault((SYSTEM, chart), Release(chart, SYSTEM, chart, "1.0.0", "{}", 1, 0, 0))
            self.world.put({"apiVersion": VERSIONS.get(kind, "v1"), "kind": kind, "metadata": meta, **more}, OUTSIDE)

    def pod(self, name: str, namespace: str = HUB, owner: str = "", node: str = "", **labels: str) -> None:
        owners = [{"apiVersion": "v1", "kind": owner, "name": "o", "uid": "u"}] if owner else []
        meta = {"labels": labels, "annotations": {"hub.jupyter.org/username": name.removeprefix("jupyter-")}, "ownerReferences": owners}
        self.put("Pod", namespace, name, metadata=meta, spec={"containers": [{"name": "m", "image": "p:3"}], "nodeName": node})

    def hub(self, replicas: int = 1, namespace: str = HUB) -> None:
        self.put("Deployment", namespace, "hub", spec=deployment("hub", replicas)["spec"])

    def names(self, kind: str) -> list[str]:
        with self.world.lock:
            return sorted(key.name for key, _ in self.world.of_kind(kind))

    def manifest(self, kind: str, namespace: str, name: str) -> dict[str, Any]:
        return self.world.objects[Key(kind, namespace, name)].manifest

    def states(self, *, cluster: bool = True) -> tuple[StackState, ...]:
        hub = [self._resource("kubernetes_namespace_v1", "hub", id=HUB), self._resource("kubernetes_service_v1", "p", id=f"{HUB}/own")]
        hub.append(self._resource("helm_release", "hub", id="hub", name="jupyterhub", namespace=HUB, chart="jupyterhub"))
        platform = [self._resource("helm_release", each, id=each, name=each, namespace=SYSTEM, chart=each) for each in self.charts]
        base = [self._resource("aws_eks_cluster", "main", id="lab")]
        states = [StackState("lab-hub", 1, tuple(hub), {})]
        return (
            (*states, StackState("lab-platform", 1, tuple(platform), {}), StackState("lab-cluster", 1, tuple(base), {}))
            if cluster
            else (states[0],)
        )

    def look(self, *, cluster: bool = True) -> Freeze:
        found = look(self.config, boto3.Session(region_name="us-east-2"), self.display, self.states(cluster=cluster), lambda: self.api)
        return replace(found, patience=self.patience, balancer_patience=self.patience, pool_patience=self.patience)

    def _resource(self, kind: str, key: str, /, **attributes: Any) -> StateResource:
        return StateResource(f"{kind}.{key}", kind, key, attributes["id"], attributes)


@pytest.fixture
def lab(served: Served, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A cluster with the hub's namespace and another team's, nobody at work."""
    made = Lab(served)
    for name in (HUB, "team"):
        made.put("Namespace", "", name)
    monkeypatch.setattr("modules.ops.balancers.wait_until_gone", lambda *_, **__: ())
    return made

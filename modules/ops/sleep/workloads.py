"""Deployments and StatefulSets: how many pods each asks for, and asking for none. They come back by asking again."""

from __future__ import annotations

from typing import Any, Protocol

from modules.config.models import HubConfig

_KINDS = ("deployments", "statefulsets")
_MERGE = "application/merge-patch+json"
SYSTEM = "kube-system"
#: Of the system's own, only this is stopped: it would start nodes again for the pods that have lost theirs. The rest
#: is what nodes need to go (volumes, names) and to come back.
_AUTOSCALER = "cluster-autoscaler"


class Api(Protocol):
    """What is needed of modules.ops.cluster_api.ClusterApi."""

    def ask(self, method: str, path: str, what: str, *, body: Any = None, kind: str = "application/json") -> bytes | None: ...
    def items(self, path: str, what: str) -> list[dict[str, Any]]: ...


def hub_key(config: HubConfig) -> str:
    """The hub's own Deployment, as `sizes` names it: while it is away nobody can start a server."""
    return f"deployments/{config.hub.namespace}/hub"


def sizes(api: Api) -> dict[str, int]:
    """`kind/namespace/name` → replicas, of all that sleep concerns. Raises HubError when the cluster refuses."""
    found: dict[str, int] = {}
    for kind in _KINDS:
        for each in api.items(f"/apis/apps/v1/{kind}", f"the {kind}"):
            meta, spec = each["metadata"], each.get("spec") or {}
            if meta.get("namespace") != SYSTEM or _AUTOSCALER in meta["name"]:
                # One that does not say how many asks for one.
                found[f"{kind}/{meta.get('namespace')}/{meta['name']}"] = int(spec.get("replicas", 1))
    return found


def scale(api: Api, key: str, replicas: int) -> None:
    """Ask for so many pods. One that is gone is no error. Raises HubError when the cluster refuses."""
    kind, namespace, name = key.split("/")
    path = f"/apis/apps/v1/namespaces/{namespace}/{kind}/{name}/scale"
    api.ask("PATCH", path, f"scale {name} in {namespace}", body={"spec": {"replicas": replicas}}, kind=_MERGE)

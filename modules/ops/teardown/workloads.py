"""What people run in the namespaces that go: servers, Dask and Ray clusters, processes. Their volumes are not touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from modules.common import launcher, servers
from modules.ops.sleep.work import Work, mortal, pods
from modules.ops.teardown.ground import Ground

#: A controller would make pods again that go before these: of dask-gateway, and of KubeRay's operator.
_OWNERS = (
    ("Dask cluster", "/apis/gateway.dask.org/v1alpha1", "daskclusters"),
    ("Ray service", "/apis/ray.io/v1", "rayservices"),
    ("Ray job", "/apis/ray.io/v1", "rayjobs"),
    ("Ray cluster", "/apis/ray.io/v1", "rayclusters"),
)
_PROCESS = (("process", "/apis/apps/v1", "deployments"), ("way to a process", "/api/v1", "services"))
#: Of pods that nobody brings back only these are people's; a Job of a chart's goes with its chart.
_PODS = ("notebook", "Dask pod", "process")
_NAMES = 20


class Api(Protocol):
    """What is needed of modules.ops.cluster_api.ClusterApi."""

    def ask(self, method: str, path: str, what: str, *, body: Any = None, kind: str = "application/json") -> bytes | None: ...
    def items(self, path: str, what: str, **query: str) -> list[dict[str, Any]]: ...
    def read(self, path: str, what: str, **query: str) -> dict[str, Any] | None: ...


def at_work(api: Api, ground: Ground) -> tuple[Work, ...]:
    """All of it, what makes others first. Raises HubError when the cluster refuses to tell."""
    return (*_objects(api, ground, _OWNERS), *_objects(api, ground, _PROCESS, launcher.PROCESS_LABEL), *_pods(api, ground))


def _objects(api: Api, ground: Ground, kinds: Iterable[tuple[str, str, str]], label: str = "") -> Iterator[Work]:
    query = {"labelSelector": label} if label else {}
    for what, root, plural in kinds:
        for each in api.items(f"{root}/{plural}", f"the {plural}", **query):
            meta = each["metadata"]
            if ground.holds(meta["namespace"]) and not ground.owns(each) and not meta.get("ownerReferences"):
                yield Work(what, _whose(meta), f"{root}/namespaces/{meta['namespace']}/{plural}/{meta['name']}")


def _whose(meta: dict[str, Any]) -> str:
    owner = (meta.get("annotations") or {}).get(launcher.OWNER)
    return f"{meta['name']} of {owner}" if owner else str(meta["name"])


def _pods(api: Api, ground: Ground) -> tuple[Work, ...]:
    here = [each for each in pods(api) if ground.holds(each["metadata"].get("namespace", ""))]
    return tuple(each for each in mortal(here) if each.what in _PODS)


def ending(api: Api, ground: Ground) -> list[str]:
    """`namespace/name` of people's pods that are asked to go and are still there."""
    found = [each["metadata"] for each in pods(api) if ground.holds(each["metadata"].get("namespace", ""))]
    return sorted(f"{each['namespace']}/{each['name']}" for each in found if each.get("deletionTimestamp") and _is_server(each))


def _is_server(meta: dict[str, Any]) -> bool:
    return servers.LABELS["component"] == (meta.get("labels") or {}).get("component")


def told(found: Iterable[Work]) -> list[str]:
    """Who loses what, a line a kind: `2 notebooks: ada, bob`."""
    by_kind: dict[str, list[str]] = {}
    for each in found:
        by_kind.setdefault(each.what, []).append(each.who)
    return [
        f"{len(who)} {what}{'s' if len(who) > 1 else ''}: {', '.join(sorted(who)[:_NAMES])}{', …' if len(who) > _NAMES else ''}"
        for what, who in by_kind.items()
        if what != "way to a process"
    ]

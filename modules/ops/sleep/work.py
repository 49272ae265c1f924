"""What sleep would end for good: pods that no Deployment brings back, Ray's extra workers, desktops that somebody looks at."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from modules.common import desktops, launcher
from modules.config.models import HubConfig
from modules.ops.desktop.board import read_board
from modules.ops.sleep.workloads import SYSTEM, Api

_USER = "hub.jupyter.org/username"
_ENDED = ("Succeeded", "Failed")
#: Who starts its pods again after waking; a pod of anything else (KubeSpawner, Dask, a Job, a person) is gone when it is gone.
_BROUGHT_BACK = {"ReplicaSet", "StatefulSet", "DaemonSet", "RayCluster", "Node"}
_RAY, _RAY_CLUSTERS = "ray.io/cluster", "/apis/ray.io/v1/rayclusters"


@dataclass(frozen=True)
class Work:
    """One thing at work. what: its kind, in a word. who: whose, or which. path: of its pod; "" for what is no pod of its own."""

    what: str
    who: str
    path: str = ""


def pods(api: Api) -> list[dict[str, Any]]:
    """Every pod that has not ended, but for the system's."""
    found = api.items("/api/v1/pods", "the pods")
    return [each for each in found if each["metadata"].get("namespace") != SYSTEM and (each.get("status") or {}).get("phase") not in _ENDED]


def at_work(api: Api, config: HubConfig) -> tuple[Work, ...]:
    """All of it. Raises HubError when the cluster refuses to tell."""
    found = pods(api)
    return (*mortal(found), *_ray(api, found), *_desktops(api, config))


def mortal(found: Iterable[dict[str, Any]]) -> tuple[Work, ...]:
    """The pods among `found` that nobody brings back, but for those that are ending already."""
    return tuple(_named(each) for each in found if _is_mortal(each["metadata"]) and not each["metadata"].get("deletionTimestamp"))


def _is_mortal(meta: dict[str, Any]) -> bool:
    return not any(each.get("kind") in _BROUGHT_BACK for each in meta.get("ownerReferences") or ())


def _named(pod: dict[str, Any]) -> Work:
    meta = pod["metadata"]
    labels, path = meta.get("labels") or {}, f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}"
    if labels.get("component") == "singleuser-server":
        return Work("notebook", (meta.get("annotations") or {}).get(_USER) or meta["name"], path)
    if any("dask.org/" in name for name in labels) or labels.get("app.kubernetes.io/name") == "dask-gateway":
        return Work("Dask pod", meta["name"], path)
    if launcher.PROCESS_LABEL in labels:
        return Work("process", labels[launcher.PROCESS_LABEL], path)
    return Work("pod", f"{meta['namespace']}/{meta['name']}", path)


def _ray(api: Api, found: Iterable[dict[str, Any]]) -> tuple[Work, ...]:
    """RayClusters with more workers than they keep at rest: their autoscaler asked for them, so somebody computes."""
    running: dict[str, int] = {}
    for pod in found:
        labels = pod["metadata"].get("labels") or {}
        if labels.get("ray.io/node-type") == "worker":
            running[labels.get(_RAY, "")] = running.get(labels.get(_RAY, ""), 0) + 1
    if not running:
        return ()
    resting = {each["metadata"]["name"]: _rest(each) for each in api.items(_RAY_CLUSTERS, "the RayClusters")}
    return tuple(Work("Ray cluster", name) for name, count in sorted(running.items()) if count > resting.get(name, 0))


def _rest(cluster: dict[str, Any]) -> int:
    groups = (cluster.get("spec") or {}).get("workerGroupSpecs") or ()
    own = "minReplicas" if (cluster.get("spec") or {}).get("enableInTreeAutoscaling") else "replicas"
    return sum(int(each.get(own) or 0) for each in groups)


def _desktops(api: Api, config: HubConfig) -> tuple[Work, ...]:
    if config.desktop is None:
        return ()
    path = f"/api/v1/namespaces/{config.desktop.namespace}/configmaps/{desktops.CONFIG_MAP}"
    now = datetime.now(UTC)
    board = read_board(_data(api, path))
    return tuple(Work("desktop", each.node) for each in board if each.connections and not each.is_stale(now))


def _data(api: Api, path: str) -> dict[str, str]:
    text = api.ask("GET", path, "read what the desktops have published")
    return dict((json.loads(text).get("data") or {}) if text else {})


def said(found: Iterable[Work]) -> str:
    """`2 notebooks (ada, bob), 1 Dask pod (dask-1)`; "" for none."""
    by_kind: dict[str, list[str]] = {}
    for each in found:
        by_kind.setdefault(each.what, []).append(each.who)
    return ", ".join(f"{len(who)} {what}{'s' if len(who) > 1 else ''} ({_some(sorted(who))})" for what, who in by_kind.items())


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")

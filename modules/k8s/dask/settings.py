"""What modules/hub/gateway reads when the gateway starts: choices, limits, and the pods they become."""

from __future__ import annotations

from typing import Any

from modules.common.posix import NOTEBOOK_GID, NOTEBOOK_UID
from modules.common.quantity import memory_bytes
from modules.common.scheduling import ACCELERATOR_RESOURCES, POOL_LABEL, placement, toleration
from modules.config.extras import Dask
from modules.config.models import HubConfig
from modules.config.place import Place, places
from modules.k8s.charts.parts import on_core
from modules.k8s.dask import refs
from modules.k8s.dask.refs import DaskRefs


def settings(config: HubConfig, dask: Dask, at: DaskRefs) -> dict[str, Any]:
    """Plain JSON, fields as in modules/hub/gateway/settings.py; memory in bytes. Holds no secret."""
    known = places(config)
    image = next(image for image in config.hub.images.values() if image.default)
    kinds = {"cpu": _kind(known[dask.worker_pool])}
    if dask.gpu_pool is not None:
        kinds["gpu"] = _kind(known[dask.gpu_pool])
    return {
        "image": f"{image.repo}:{image.tag}",
        "worker_cores": list(dask.worker_cores),
        "worker_memory": [memory_bytes(each) for each in dask.worker_memory],
        "max_cores": dask.max_cores_per_user,
        "max_memory": memory_bytes(dask.max_memory_per_user),
        "max_clusters": dask.max_clusters_per_user,
        "idle_timeout": dask.idle_timeout_seconds,
        "kinds": kinds,
        "environment": dict(at.environment),
    }


def scheduler_pod(config: HubConfig, dask: Dask) -> dict[str, Any]:
    """Where schedulers run. A cluster ends with its scheduler, so a pool of their own is on demand, or the core nodes."""
    if dask.scheduler_pool is None:
        return {**on_core(config), **_as_whom()}
    return {**_on(places(config)[dask.scheduler_pool]), **_as_whom()}


def container() -> dict[str, Any]:
    """A container with users' code: what pod security calls restricted, although the chart's own pods keep the namespace from it."""
    return {
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            # A number: Kubernetes cannot tell whether a user of an image that is given by name is root.
            "runAsUser": NOTEBOOK_UID,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
    }


def _kind(place: Place) -> dict[str, Any]:
    found: dict[str, Any] = {"pod": {**_on(place), **_as_whom()}, "container": container()}
    if place.gpu:
        card = {ACCELERATOR_RESOURCES[place.gpu]: "1"}
        found["container"]["resources"] = {"requests": card, "limits": dict(card)}
    return found


def _on(place: Place) -> dict[str, Any]:
    taints = placement(place.purpose, place.gpu).taints + place.taints
    return {"nodeSelector": {POOL_LABEL: place.key}, "tolerations": [toleration(taint) for taint in taints]}


def _as_whom() -> dict[str, Any]:
    """Schedulers have the workers' role too: Dask reads the heads of data sets there when it plans."""
    return {"serviceAccountName": refs.ACCOUNT, "securityContext": {"fsGroup": NOTEBOOK_GID}}

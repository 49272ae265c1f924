"""From what a user asks for to the configuration of one cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import checks
from .budget import most_workers
from .labels import USERNAME, label
from .settings import Settings
from .sizes import GIB

#: A node is not emptied under a scheduler for the sake of a cheaper one: the whole cluster would end.
_STAYS = {"karpenter.sh/do-not-disrupt": "true"}


def cluster_config(settings: Settings, options: Mapping[str, Any], username: str) -> dict[str, Any]:
    """Traits of dask-gateway-server's KubeClusterConfig for one cluster of `username`.

    options: image, worker_cores, worker_memory (GiB), environment and, where there is a choice, profile. Raises Refusal.
    """
    cores = checks.cores(options["worker_cores"], *settings.worker_cores)
    memory = int(checks.memory(options["worker_memory"], *settings.worker_memory) * GIB)
    kind = settings.kinds[checks.kind(options.get("profile", next(iter(settings.kinds))), settings.kinds)]
    return {
        "image": checks.image(options["image"]),
        "worker_cores": cores,
        "worker_memory": memory,
        # The release's own variables last: a user must not point a worker at another role or proxy by accident.
        "environment": {**checks.environment(options["environment"]), **settings.environment},
        "idle_timeout": settings.idle_timeout,
        "cluster_max_workers": most_workers(settings, cores, memory),
        "worker_extra_pod_config": dict(kind.pod),
        "worker_extra_container_config": dict(kind.container),
        **_named(username),
        "scheduler_extra_pod_annotations": {USERNAME: username, **_STAYS},
    }


def _named(username: str) -> dict[str, dict[str, str]]:
    """Whose pods they are: the label for selectors and cost, the annotation for the name in full."""
    return {
        f"{part}_extra_pod_{place}": {USERNAME: value}
        for part in ("scheduler", "worker")
        for place, value in (("labels", label(username)), ("annotations", username))
    }

"""Values of the dask-gateway chart into its server's configuration, for the keys we use and the way 2026.3.0 does.

Written from the chart's documented behaviour; an unknown key is an error. What is for Kubernetes alone (replicas, resources,
places, traefik, the controller) reaches nothing here: tests/unit/k8s judges it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.hub.support.chart import Taken, UnknownValue, Values

#: Keys that make Kubernetes objects and never reach the gateway's process.
_KUBERNETES_ONLY = (
    "controller",
    "gateway.affinity",
    "gateway.annotations",
    "gateway.image",
    "gateway.nodeSelector",
    "gateway.replicas",
    "gateway.resources",
    "gateway.tolerations",
    "traefik",
)
#: value below gateway.backend → trait of KubeClusterConfig
_CLUSTER = {
    "environment": "environment",
    "image.pullPolicy": "image_pull_policy",
    "namespace": "namespace",
    **{
        f"{part}.{value}": f"{part}_{trait}"
        for part in ("scheduler", "worker")
        for value, trait in {
            "cores.request": "cores",
            "cores.limit": "cores_limit",
            "memory.request": "memory",
            "memory.limit": "memory_limit",
            "extraPodConfig": "extra_pod_config",
            "extraContainerConfig": "extra_container_config",
        }.items()
    },
}


@dataclass
class Server:
    """What the gateway's process is given. token: name and key of the Secret; prefix: of every path, at traefik."""

    traits: dict[str, dict[str, Any]]
    token: tuple[str, str]
    prefix: str
    snippets: list[tuple[str, str]] = field(default_factory=list)


def translate(values: Values) -> Server:
    """The server's side of `values`. Raises UnknownValue, naming every key that is left."""
    taken = Taken(values)
    for path in (*_KUBERNETES_ONLY, "fullnameOverride"):
        taken.take(path)
    if (kind := taken.take("gateway.auth.type")) != "jupyterhub":
        raise UnknownValue(f"gateway.auth.type: only jupyterhub is known here, not {kind}")
    server = Server(
        traits={"JupyterHubAuthenticator": _hub(taken), "KubeClusterConfig": _cluster(taken)},
        token=(taken.take("gateway.auth.jupyterhub.apiTokenFromSecretName"), taken.take("gateway.auth.jupyterhub.apiTokenFromSecretKey")),
        prefix=taken.take("gateway.prefix", "/"),
        snippets=sorted(taken.take("gateway.extraConfig", {}).items()),
    )
    if left := taken.left():
        raise UnknownValue(f"not known to tests/dask/support/chart.py: {', '.join(left)}")
    return server


def traefik(values: Values, release: str) -> tuple[str, int]:
    """Name and port of the Service that the chart makes for traefik. release: the release's name."""
    full = values.get("fullnameOverride") or (release if "dask-gateway" in release else f"{release}-dask-gateway")
    return f"traefik-{full}"[:63].rstrip("-"), values["traefik"]["service"]["ports"]["web"]["port"]


def _hub(taken: Taken) -> dict[str, Any]:
    found = {"jupyterhub_api_url": taken.take("gateway.auth.jupyterhub.apiUrl")}
    if name := taken.take("gateway.auth.jupyterhub.jupyterhubServiceName"):
        found["jupyterhub_service_name"] = name
    return found


def _cluster(taken: Taken) -> dict[str, Any]:
    found = {trait: taken.take(f"gateway.backend.{path}") for path, trait in _CLUSTER.items()}
    return {trait: value for trait, value in found.items() if value is not None}

"""The ways between the hub's namespace and the gateway's, for the policies on both sides."""

from __future__ import annotations

from typing import Any

from modules.k8s.dask import refs
from modules.k8s.network import pods, ports

HUB = {"app": "jupyterhub", "component": "hub"}
HUB_PORT, PROXY_PORT = 8081, 8000
#: Of the hub's pods, those that reach the gateway: notebooks, the proxy for browsers, and the hub, which asks whether it is up.
_CALLERS = ("singleuser-server", "proxy", "hub")


def callers(hub_namespace: str) -> list[dict[str, Any]]:
    """Peers: the pods of the hub that reach traefik."""
    return [pods({"app": "jupyterhub", "component": component}, namespace=hub_namespace) for component in _CALLERS]


def to_traefik(namespace: str) -> dict[str, Any]:
    """Out of the hub's pods, as their chart writes an egress rule. namespace: the gateway's."""
    return {"to": [pods(refs.labels("traefik"), namespace=namespace)], "ports": ports(refs.WEB_PORT)}


def to_proxy() -> dict[str, Any]:
    """Out of notebooks, to the proxy beside them: `Gateway()` comes to the gateway's API that way."""
    return {"to": [pods({"app": "jupyterhub", "component": "proxy"})], "ports": ports(PROXY_PORT)}


def from_gateway(namespace: str) -> dict[str, Any]:
    """Into the hub, as its chart writes an ingress rule: the gateway asks the hub's API who somebody is."""
    return {"from": [pods(refs.labels("gateway"), namespace=namespace)], "ports": ports(HUB_PORT)}

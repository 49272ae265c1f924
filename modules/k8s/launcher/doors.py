"""The ways between the hub's namespace and the launcher's, for the policies on both sides; and what notebooks are told."""

from __future__ import annotations

from typing import Any

from modules.common import launcher as refs
from modules.config.models import HubConfig
from modules.k8s.network import pods, ports

HUB_PORT = 8081
#: Of the hub's pods, those that reach the launcher: notebooks, the proxy for `/services/launcher`, and the hub, which asks if it is up.
_CALLERS = ("singleuser-server", "proxy", "hub")


def hub_pods(component: str, namespace: str) -> dict[str, Any]:
    """A peer: pods of the hub's chart. namespace: the hub's."""
    return pods({"app": "jupyterhub", "component": component}, namespace=namespace)


def callers(hub_namespace: str) -> list[dict[str, Any]]:
    """Peers: the pods of the hub that reach the launcher."""
    return [hub_pods(component, hub_namespace) for component in _CALLERS]


def to_launcher(config: HubConfig) -> list[dict[str, Any]]:
    """Out of the hub's pods, as their chart writes egress rules; none without a launcher."""
    if config.launcher is None:
        return []
    return [{"to": [pods(refs.LABELS, namespace=config.launcher.namespace)], "ports": ports(refs.PORT)}]


def to_processes(config: HubConfig) -> list[dict[str, Any]]:
    """Out of notebooks, to what they started: every port, as a process chooses its own."""
    namespaces = config.launcher.process_namespaces if config.launcher else ()
    return [{"to": [pods(namespace=each)]} for each in namespaces]


def from_launcher(config: HubConfig) -> list[dict[str, Any]]:
    """Into the hub, as its chart writes ingress rules: the launcher asks the hub's API who somebody is."""
    if config.launcher is None:
        return []
    return [{"from": [pods(refs.LABELS, namespace=config.launcher.namespace)], "ports": ports(HUB_PORT)}]


def notebook_environment(config: HubConfig) -> dict[str, str]:
    """By which `hpctl` in a user's server finds the launcher; its token is the server's own."""
    return {"HYDROPLANE_SERVER": refs.url(config.launcher.namespace)} if config.launcher else {}

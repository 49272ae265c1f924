"""The ways between the hub's notebooks and the heads of Ray clusters: network, address, token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modules.common import ray as refs
from modules.common import servers
from modules.config.models import HubConfig
from modules.k8s.network import pods, ports

#: The cluster that the seed's notebooks meant.
_DEFAULT = "default"


def notebooks(hub_namespace: str) -> dict[str, Any]:
    """A peer: users' servers, the only pods outside a cluster that may reach its head."""
    return pods(servers.LABELS, namespace=hub_namespace)


def to_heads(config: HubConfig) -> list[dict[str, Any]]:
    """Out of notebooks, as the hub's chart writes egress rules: to the client port of each head."""
    return [
        {"to": [pods(refs.labels(key, "head"), namespace=cluster.namespace)], "ports": ports(refs.CLIENT_PORT)}
        for key, cluster in config.ray.items()
    ]


def notebook_environment(config: HubConfig) -> dict[str, Any]:
    """Variables by which `ray.init()` in a user's server finds the default cluster, and is let into any; {} without clusters.

    The default is the one called `default`, else the first. Ray's client reads one token, that of the default; another cluster's
    is in RAY_AUTH_TOKEN_<NAME>, to be copied into RAY_AUTH_TOKEN before `ray.init("ray://…")`.
    """
    if not config.ray:
        return {}
    key = default_cluster(config)
    others = {f"RAY_AUTH_TOKEN_{_in_capitals(other)}": _token(other) for other in config.ray if other != key}
    return {"RAY_ADDRESS": refs.address(key, config.ray[key].namespace), "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": _token(key), **others}


def default_cluster(config: HubConfig) -> str:
    """The cluster that notebooks mean when they name none."""
    return _DEFAULT if _DEFAULT in config.ray else next(iter(config.ray))


def token_secrets(config: HubConfig) -> Mapping[str, str]:
    """Every cluster's key, and the name of its token in Secrets Manager."""
    return {key: refs.token_secret(key) for key in config.ray}


def _token(cluster: str) -> dict[str, Any]:
    return {"valueFrom": {"secretKeyRef": {"name": refs.NOTEBOOK_SECRET, "key": cluster}}}


def _in_capitals(cluster: str) -> str:
    return cluster.upper().replace("-", "_")

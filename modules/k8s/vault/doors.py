"""The ways between Vault and the pods that ask it, for the policies on both sides."""

from __future__ import annotations

from typing import Any

from modules.common import vault as refs
from modules.config.models import HubConfig
from modules.k8s.network import pods, ports


def consumer_namespaces(config: HubConfig) -> tuple[str, ...]:
    """Where pods live that may ask Vault for credentials: the hub's and those of Ray."""
    return tuple(sorted({config.hub.namespace, *(cluster.namespace for cluster in config.ray.values())}))


def to_vault(namespace: str) -> dict[str, Any]:
    """Out of pods that ask, as charts write an egress rule. namespace: Vault's."""
    return {"to": [pods(refs.LABELS, namespace=namespace)], "ports": ports(refs.PORT)}

"""metrics-server, chart 3.13.1: what pods and nodes use, for `kubectl top` and whatever scales by it."""

from __future__ import annotations

from typing import Any

from modules.config.models import HubConfig
from modules.k8s.charts.parts import on_core, replicas, resources

RELEASE = "metrics-server"


def values(config: HubConfig) -> dict[str, Any]:
    """Values of release `metrics-server`.

    The chart's own arguments are kept: on EKS a kubelet's certificate is signed by the cluster's authority for the node's
    address, so it is checked, and --kubelet-insecure-tls, which most recipes add, is not needed.
    """
    return {
        "replicas": replicas(config),
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
        "args": [],
        **on_core(config),
        "resources": resources("100m", "200Mi"),
    }

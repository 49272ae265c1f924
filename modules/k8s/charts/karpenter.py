"""Karpenter's controller, chart 1.14.1."""

from __future__ import annotations

from typing import Any

from modules.config.models import HubConfig
from modules.k8s.charts.parts import on_core, replicas, resources, service_account

RELEASE = "karpenter"
#: The same as modules/aws/karpenter.py writes into the role's trust.
SERVICE_ACCOUNT = "karpenter"


def wanted(config: HubConfig) -> bool:
    """Whether this env runs Karpenter: by its own choice, and on a cluster of ours alone, whose role and queue exist."""
    return config.cluster.autoscaler == "karpenter" and config.cluster.existing is None


def crd_values() -> dict[str, Any]:
    """Values of karpenter-crd: none. Its webhook settings went with the conversion of v1beta1 objects."""
    return {}


def values(config: HubConfig, *, role_arn: str, endpoint: str, queue: str) -> dict[str, Any]:
    """Values of release `karpenter`. endpoint: URL of the Kubernetes API. queue: name of the interruption queue."""
    return {
        "settings": {"clusterName": config.cluster_name, "clusterEndpoint": endpoint, "interruptionQueue": queue},
        "serviceAccount": service_account(SERVICE_ACCOUNT, role_arn),
        "replicas": replicas(config),
        "podDisruptionBudget": {"name": SERVICE_ACCOUNT, "maxUnavailable": 1},
        # It makes the nodes CoreDNS may be waiting for, so it asks the VPC's resolver instead.
        "dnsPolicy": "Default",
        # The chart's own affinity stays: never on a node of its own making, and the two replicas apart.
        **on_core(config),
        "controller": {"resources": resources("250m", "512Mi", "1Gi")},
    }

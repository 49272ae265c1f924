"""Cluster Autoscaler, chart 9.59.0, for envs that run node groups instead of Karpenter's pools."""

from __future__ import annotations

from typing import Any

from modules.common.scheduling import placement
from modules.config.models import HubConfig
from modules.config.nodes import NodeGroup
from modules.k8s.charts.parts import on_core, resources, service_account, tolerations, unprivileged_container, unprivileged_pod

RELEASE = "cluster-autoscaler"
SERVICE_ACCOUNT = "cluster-autoscaler"
#: A node group with this label is the autoscaler's own, as the Daft seed had it.
OWN_LABEL = ("dedicated", "clusterAutoscaler")


def wanted(config: HubConfig) -> bool:
    """Whether this env runs it; never beside Karpenter, and never on a cluster somebody else owns."""
    return config.cluster.autoscaler == "cluster-autoscaler" and config.cluster.existing is None


def values(config: HubConfig, *, role_arn: str) -> dict[str, Any]:
    """Values of release `cluster-autoscaler`."""
    return {
        "cloudProvider": "aws",
        "awsRegion": config.region,
        # EKS puts the two tags it looks for on every managed node group.
        "autoDiscovery": {"clusterName": config.cluster_name},
        "rbac": {"serviceAccount": service_account(SERVICE_ACCOUNT, role_arn)},
        # It copies the scheduler of its own minor version, so it is the cluster's minor, whatever the chart's default.
        "image": {"tag": f"v{config.cluster.version}.0"},
        "extraArgs": {
            "expander": "least-waste",
            "balance-similar-node-groups": True,
            # An emptyDir is local storage; a notebook with one would keep its node for ever.
            "skip-nodes-with-local-storage": False,
            "v": 2,
        },
        **_where(config),
        "resources": resources("100m", "300Mi", "600Mi"),
        "securityContext": unprivileged_pod(),
        "containerSecurityContext": unprivileged_container(),
    }


def _where(config: HubConfig) -> dict[str, Any]:
    key, value = OWN_LABEL
    own = [group for group in config.node_groups.values() if group.labels.get(key) == value]
    return _on_group(own[0]) if own else on_core(config)


def _on_group(group: NodeGroup) -> dict[str, Any]:
    standing = placement(group.purpose, group.gpu)
    return {"nodeSelector": {**standing.labels, **group.labels}, "tolerations": tolerations((*standing.taints, *group.taints))}

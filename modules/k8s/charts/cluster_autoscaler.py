"""Cluster Autoscaler, chart 9.59.0, for envs that run node groups instead of Karpenter's pools."""

from __future__ import annotations

from typing import Any

from modules.common.scheduling import AUTOSCALER_LABEL, POOL_LABEL, placement
from modules.config.models import HubConfig
from modules.config.nodes import NodeGroup
from modules.k8s.charts.parts import on_core, resources, service_account, tolerations, unprivileged_container, unprivileged_pod

RELEASE = "cluster-autoscaler"
SERVICE_ACCOUNT = "cluster-autoscaler"


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
            # Our own label is another in each group, so that no two groups would ever be similar; whoever selects by it is still served
            # by his group alone, because only groups that fit the waiting pods are balanced.
            "balancing-ignore-label": POOL_LABEL,
            # Spot that is not there is given up after this for another group that fits (its own default is 15m). A GPU node, the
            # slowest, joins in about 5.
            "max-node-provision-time": "10m",
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
    key, value = AUTOSCALER_LABEL
    own = [group for group in config.node_groups.values() if group.labels.get(key) == value]
    return _on_group(own[0]) if own else on_core(config)


def _on_group(group: NodeGroup) -> dict[str, Any]:
    standing = placement(group.purpose, group.gpu)
    return {"nodeSelector": {**standing.labels, **group.labels}, "tolerations": tolerations((*standing.taints, *group.taints))}

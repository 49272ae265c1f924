"""The managed node groups: EKS calls each ACTIVE and knows no issue, and none of hub.yaml is missing."""

from __future__ import annotations

from modules.common.errors import HubError
from modules.ops.aws_clients import pages
from modules.ops.failures.aws import doing
from modules.ops.verify.check import Check
from modules.ops.verify.eks_health import check_healthy
from modules.ops.verify.scene import Scene


def _run(scene: Scene) -> str:
    config, eks = scene.config, scene.client("eks")
    with doing("look at the node groups"):
        names = sorted(pages(eks, "list_nodegroups", "nodegroups", clusterName=config.cluster_name))
        groups = [eks.describe_nodegroup(clusterName=config.cluster_name, nodegroupName=name)["nodegroup"] for name in names]
    wanted = len(config.node_groups) + 1
    if len(groups) < wanted:
        raise HubError(f"{len(groups)} of {wanted} node groups are there: {', '.join(names) or 'none'}", fix=f"./install.sh {config.env}")
    check_healthy(groups, "nodegroupName")
    return f"{len(groups)} ACTIVE: {', '.join(names)}"


NODE_GROUPS = Check("node groups", _run, after=("cluster",), wanted=lambda config: config.cluster.existing is None)

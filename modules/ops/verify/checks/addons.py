"""The EKS add-ons: those every env has are there, and EKS calls each ACTIVE."""

from __future__ import annotations

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.aws_clients import pages
from modules.ops.failures.aws import doing
from modules.ops.verify.check import Check
from modules.ops.verify.eks_health import check_healthy
from modules.ops.verify.scene import Scene

_ALWAYS = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent", "coredns", "aws-ebs-csi-driver")


def _run(scene: Scene) -> str:
    config, eks = scene.config, scene.client("eks")
    with doing("look at the add-ons"):
        names = sorted(pages(eks, "list_addons", "addons", clusterName=config.cluster_name))
        addons = [eks.describe_addon(clusterName=config.cluster_name, addonName=name)["addon"] for name in names]
    if missing := sorted({*_wanted(config)} - {*names}):
        raise HubError(f"not installed: {', '.join(missing)}", fix=f"./install.sh {config.env}")
    check_healthy(addons, "addonName")
    return f"{len(addons)} ACTIVE"


def _wanted(config: HubConfig) -> tuple[str, ...]:
    return (*_ALWAYS, *(("aws-efs-csi-driver",) if config.storage.efs.enabled else ()))


ADDONS = Check("add-ons", _run, after=("cluster",), wanted=lambda config: config.cluster.existing is None)

"""The cluster: EKS calls it ACTIVE, and its API answers us."""

from __future__ import annotations

from modules.common.errors import HubError
from modules.ops.failures.aws import doing
from modules.ops.verify.check import Check
from modules.ops.verify.eks_health import issues_of
from modules.ops.verify.scene import Scene


def _run(scene: Scene) -> str:
    name = scene.config.cluster_name
    with doing(f"look for the cluster {name}"):
        found = scene.client("eks").describe_cluster(name=name)["cluster"]
    if found["status"] != "ACTIVE":
        fix = "wait while it is CREATING or UPDATING; otherwise look at it in the EKS console"
        raise HubError(f"the cluster {name} is {found['status']}", fix=fix)
    if issues := issues_of(found):
        raise HubError(f"EKS says of {name}: {issues}", fix="do what it says; the EKS console has links")
    version = scene.cluster.read("/version", "the cluster's version") or {}
    return f"{name} is ACTIVE, EKS {found.get('version')}, its API answers as {version.get('gitVersion', 'a Kubernetes')}"


CLUSTER = Check("cluster", _run)

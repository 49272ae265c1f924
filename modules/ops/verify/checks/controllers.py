"""The controllers that every hub needs in its cluster: CoreDNS, the load balancer controller, external-dns where it has a zone."""

from __future__ import annotations

from modules.ops.verify.check import Check
from modules.ops.verify.objects import check_available
from modules.ops.verify.scene import Scene

NAMESPACE = "kube-system"


def _run(scene: Scene) -> str:
    config = scene.config
    found = check_available(scene, NAMESPACE, "kube-dns", label="k8s-app")
    found += check_available(scene, NAMESPACE, "aws-load-balancer-controller")
    if config.domain and config.dns and config.dns.manage:
        found += check_available(scene, NAMESPACE, "external-dns")
    return f"available: {', '.join(found)}"


CONTROLLERS = Check("controllers", _run, after=("cluster",), wanted=lambda config: config.cluster.existing is None)

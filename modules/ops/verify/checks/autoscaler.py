"""What makes nodes when people come: Karpenter, or the cluster autoscaler."""

from __future__ import annotations

from modules.ops.verify.check import Check
from modules.ops.verify.checks.controllers import NAMESPACE
from modules.ops.verify.objects import check_available
from modules.ops.verify.scene import Scene


def _run(scene: Scene) -> str:
    return f"available: {', '.join(check_available(scene, NAMESPACE, scene.config.cluster.autoscaler))}"


AUTOSCALER = Check("autoscaler", _run, after=("cluster",), wanted=lambda config: config.cluster.existing is None)

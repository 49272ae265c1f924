"""Karpenter's pools: every NodePool of hub.yaml is there and Ready."""

from __future__ import annotations

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.config.nodes import node_pool_names
from modules.ops.verify.check import Check
from modules.ops.verify.objects import check_conditions, list_or_skip, name_of
from modules.ops.verify.scene import Scene

_PATH = "/apis/karpenter.sh/v1/nodepools"
_FIX = "kubectl describe nodepools,ec2nodeclasses; a class is not Ready while its subnets, security groups or image are not found"


def _run(scene: Scene) -> str:
    config = scene.config
    found = list_or_skip(scene, _PATH, "the NodePools")
    wanted = {name for key, pool in config.pools.items() for name in node_pool_names(key, pool)}
    if missing := sorted(wanted - {name_of(each) for each in found}):
        raise HubError(f"no NodePool {', '.join(missing)}", fix=f"./install.sh {config.env}")
    check_conditions(scene, [each for each in found if name_of(each) in wanted], "Ready", _FIX)
    return f"{len(wanted)} Ready"


def _wanted(config: HubConfig) -> bool:
    return config.cluster.existing is None and config.cluster.autoscaler == "karpenter" and bool(config.pools)


POOLS = Check("pools", _run, after=("cluster",), wanted=_wanted)

"""NVIDIA's device plugin, chart 0.20.1: a node's cards become `nvidia.com/gpu`, whole or in time slices."""

from __future__ import annotations

import json
from typing import Any

from modules.common.scheduling import POOL_LABEL, placement
from modules.config.models import HubConfig
from modules.config.nodes import Pool
from modules.k8s.charts.parts import EVERYWHERE, resources

RELEASE = "nvidia-device-plugin"
#: The plugin reads from this label of its node which of its configurations holds there.
CONFIG_LABEL = "nvidia.com/device-plugin.config"
_WHOLE = "whole"


def wanted(config: HubConfig) -> bool:
    """Whether a pool or a node group has NVIDIA cards that nothing else announces."""
    return any(gpu is not None and gpu.startswith("nvidia") for gpu in _announced(config).values())


def node_labels(pool: Pool) -> dict[str, str]:
    """What the nodes of a pool must carry besides the standing labels: how their cards are shared."""
    return {CONFIG_LABEL: _slices(pool.gpu_time_slices)} if pool.gpu_time_slices else {}


def values(config: HubConfig) -> dict[str, Any]:
    """Values of release `nvidia-device-plugin`."""
    counts = sorted({pool.gpu_time_slices for pool in config.pools.values() if pool.gpu_time_slices})
    shared = {_slices(count): _configuration(count) for count in counts}
    return {
        "nodeSelector": dict(_labels()),
        "tolerations": EVERYWHERE,
        **_not_bottlerocket(config),
        # A node whose driver is still coming up is asked again; the pod must not die of it.
        "failOnInitError": False,
        # Written out, because only with `none` does the chart ask for no capability of the node's administrator.
        "migStrategy": "none",
        "config": {"map": {_WHOLE: _configuration(None), **shared}, "default": _WHOLE} if shared else {},
        "gfd": {"enabled": False},
        "priorityClassName": "system-node-critical",
        "resources": resources("25m", "64Mi", "128Mi"),
    }


def _announced(config: HubConfig) -> dict[str, str | None]:
    """Accelerator by pool or node group. Bottlerocket's NVIDIA images bring a plugin of their own."""
    pools = {key: pool.gpu for key, pool in config.pools.items() if not pool.ami.startswith("bottlerocket@")}
    return {**pools, **{key: group.gpu for key, group in config.node_groups.items()}}


def _labels() -> dict[str, str]:
    """What GPU nodes carry beyond other nodes of the same purpose."""
    plain = placement("user", None).labels
    return {key: value for key, value in placement("user", "nvidia").labels.items() if key not in plain}


def _not_bottlerocket(config: HubConfig) -> dict[str, Any]:
    keys = sorted(key for key, pool in config.pools.items() if pool.gpu and pool.ami.startswith("bottlerocket@"))
    if not keys:
        return {}
    term = {"matchExpressions": [{"key": POOL_LABEL, "operator": "NotIn", "values": keys}]}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}}


def _slices(count: int) -> str:
    return f"slices-{count}"


def _configuration(slices: int | None) -> str:
    """One of the plugin's configuration files, as the text the chart wants (JSON is YAML)."""
    made: dict[str, Any] = {"version": "v1", "flags": {"migStrategy": "none", "failOnInitError": False}}
    if slices is not None:
        # A pod that asked for two slices would get no more time than with one; it is refused instead of misled.
        sharing = {"failRequestsGreaterThanOne": True, "resources": [{"name": "nvidia.com/gpu", "replicas": slices}]}
        made["sharing"] = {"timeSlicing": sharing}
    return json.dumps(made, sort_keys=True)

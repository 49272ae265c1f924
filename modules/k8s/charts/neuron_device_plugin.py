"""AWS's Neuron device plugin, chart neuron-helm-chart 1.10.0: Inferentia and Trainium as `aws.amazon.com/neuron`."""

from __future__ import annotations

from typing import Any

from modules.common.scheduling import placement
from modules.config.models import HubConfig
from modules.k8s.charts.parts import EVERYWHERE, resources

RELEASE = "neuron-device-plugin"


def wanted(config: HubConfig) -> bool:
    """Whether a pool or a node group has Neuron devices."""
    kinds = [*(pool.gpu for pool in config.pools.values()), *(group.gpu for group in config.node_groups.values())]
    return "neuron" in kinds


def values(config: HubConfig) -> dict[str, Any]:
    """Values of release `neuron-device-plugin`: of the chart's parts, the plugin alone."""
    plain = placement("user", None).labels
    neuron = {key: value for key, value in placement("user", "neuron").labels.items() if key not in plain}
    return {
        "devicePlugin": {
            "enabled": True,
            "nodeSelector": neuron,
            "tolerations": EVERYWHERE,
            "resources": resources("25m", "64Mi", "128Mi"),
        },
        # On by default: a privileged pod on every node, which could also restart nodes if it were let.
        "npd": {"enabled": False},
        "scheduler": {"enabled": False},
        "draDriver": {"enabled": False},
    }

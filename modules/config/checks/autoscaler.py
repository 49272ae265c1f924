"""The cluster-autoscaler's own node group: a node that it would have to start itself is never there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from modules.common.scheduling import AUTOSCALER_LABEL
from modules.config.checks._check import Finding, reads
from modules.config.models import HubConfig


@reads("cluster", "node_groups")
def own_group(config: HubConfig, _: date) -> Iterator[Finding]:
    label, value = AUTOSCALER_LABEL
    for key, group in config.node_groups.items():
        if group.labels.get(label) != value:
            continue
        if group.min < 1:
            yield (
                ("node_groups", key, "min"),
                f"is {group.min}, and the autoscaler, whose only place this is, cannot start its own node. Write 1 or more.",
            )
        if group.capacity != "on-demand":
            yield ("node_groups", key, "capacity"), f"is {group.capacity}: the autoscaler would go with its node. Write on-demand."


CHECKS = (own_group,)

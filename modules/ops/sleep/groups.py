"""The env's managed node groups: which are ours, how large, and moving them to another size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3

from modules.common import tags
from modules.config.models import HubConfig
from modules.ops.aws_clients import client, pages
from modules.ops.failures.aws import doing
from modules.ops.sleep.memory import Size

#: A group in one of these takes no other change.
_BUSY = ("CREATING", "UPDATING")
NONE = Size(0, 0)


@dataclass(frozen=True)
class Group:
    """One node group as EKS has it. trouble: EKS's own words on what ails it."""

    name: str
    size: Size
    is_busy: bool
    is_ours: bool
    trouble: str = ""


class Groups:
    """Of one cluster. Every method raises HubError when EKS refuses."""

    def __init__(self, session: boto3.Session, config: HubConfig) -> None:
        self._eks = client(session, "eks", config.region)
        self._cluster, self._deployment = config.cluster_name, config.deployment

    def all(self) -> tuple[Group, ...]:
        """Every group of the cluster."""
        with doing(f"read the node groups of {self._cluster}"):
            names = list(pages(self._eks, "list_nodegroups", "nodegroups", clusterName=self._cluster))
            found = [self._eks.describe_nodegroup(clusterName=self._cluster, nodegroupName=name)["nodegroup"] for name in names]
        return tuple(self._group(each) for each in found)

    def ours(self) -> tuple[Group, ...]:
        """Those that the env's stacks made; what somebody added by hand is his."""
        return tuple(each for each in self.all() if each.is_ours)

    def left(self, wanted: Mapping[str, Size]) -> str:
        """Which groups are not yet as `wanted`; each that rests is asked to be. A group that is gone is nobody's concern any more."""
        found = [each for each in self.ours() if each.name in wanted]
        for each in found:
            if not each.is_busy and each.size != wanted[each.name]:
                self._resize(each.name, wanted[each.name])
        waiting = [each for each in found if each.is_busy or each.size != wanted[each.name]]
        return ", ".join(f"node group {each.name} is changing" + (f" ({each.trouble})" if each.trouble else "") for each in waiting)

    def _resize(self, name: str, size: Size) -> None:
        # The most a group may grow to stays: it costs nothing, and EKS takes no zero there.
        scaling = {"minSize": size.min, "desiredSize": size.desired}
        with doing(f"resize the node group {name}"):
            self._eks.update_nodegroup_config(clusterName=self._cluster, nodegroupName=name, scalingConfig=scaling)

    def _group(self, found: Mapping[str, Any]) -> Group:
        scaling, issues = found["scalingConfig"], (found.get("health") or {}).get("issues") or ()
        return Group(
            found["nodegroupName"],
            Size(scaling["minSize"], scaling["desiredSize"]),
            found["status"] in _BUSY,
            (found.get("tags") or {}).get(tags.DEPLOYMENT) == self._deployment,
            "; ".join(str(each.get("message") or each.get("code")) for each in issues),
        )

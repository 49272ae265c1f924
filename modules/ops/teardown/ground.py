"""What goes, as the states have it: which namespaces, which releases and Services are Terraform's own, and whether the cluster goes too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from modules.config.models import HubConfig
from modules.ops.cluster_access import is_in_cluster
from modules.ops.state import StackState, StateResource

#: Kubernetes' own: what is in them goes with the cluster, or not at all.
SYSTEM = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})


@dataclass(frozen=True)
class Ground:
    """namespaces: those that go, without Kubernetes' own. releases, objects: `namespace/name` of what Terraform has in them.

    charts: of the releases. hub: whether the hub's stack goes. everywhere: whether the cluster goes, so that all namespaces do.
    is_empty: whether nothing that goes is in a cluster.
    """

    namespaces: frozenset[str] = frozenset()
    releases: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    charts: frozenset[str] = frozenset()
    hub: bool = False
    everywhere: bool = False
    is_empty: bool = True

    def holds(self, namespace: str) -> bool:
        """Whether what is in `namespace` goes."""
        return self.everywhere or namespace in self.namespaces

    def has_controller(self, chart: str) -> bool:
        """Whether the controller of `chart` can still work. Of a cluster that stays it is somebody's, and taken to be there."""
        return not self.everywhere or chart in self.charts

    def owns(self, document: Mapping[str, Any]) -> bool:
        """Whether Terraform has this object, itself or through a release."""
        meta = document["metadata"]
        notes = meta.get("annotations") or {}
        release = f"{notes.get('meta.helm.sh/release-namespace')}/{notes.get('meta.helm.sh/release-name')}"
        return f"{meta.get('namespace')}/{meta['name']}" in self.objects or release in self.releases


def ground(config: HubConfig, states: Iterable[StackState]) -> Ground:
    """What a removal of the stacks with `states` is about."""
    found = list(states)
    resources = [each for state in found for each in state.resources]
    releases = [each.attributes for each in resources if each.type == "helm_release"]
    namespaces = {each.id for each in resources if each.type == "kubernetes_namespace_v1"}
    namespaces |= {str(each.get("namespace", "")) for each in releases}
    return Ground(
        namespaces=frozenset(namespaces - SYSTEM - {""}),
        releases=frozenset(f"{each.get('namespace')}/{each.get('name')}" for each in releases),
        objects=frozenset(each.id for each in resources if _is_front(each)),
        charts=frozenset(_chart(each) for each in releases),
        hub=any(state.stack == f"{config.env}-hub" for state in found),
        everywhere=config.cluster.existing is None and any(each.type == "aws_eks_cluster" for each in resources),
        is_empty=not any(is_in_cluster(each.address) or each.type == "aws_eks_cluster" for each in resources),
    )


def _is_front(resource: StateResource) -> bool:
    return resource.type.startswith(("kubernetes_service_v1", "kubernetes_ingress"))


def _chart(release: Mapping[str, Any]) -> str:
    """The chart's name, of a path or a reference too."""
    return str(release.get("chart") or release.get("name") or "").rstrip("/").rpartition("/")[2]

"""The resources the API has: built-in ones by a table, custom ones when the chart that brings them is installed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from modules.rehearsal.cluster.laws import plural as plural_of
from modules.rehearsal.cluster.world import World
from modules.rehearsal.verdicts.custom import CHART_KINDS
from modules.rehearsal.verdicts.schemas import known_schemas


@dataclass(frozen=True)
class Resource:
    """plural: as in a path. short: what kubectl calls it too. scalable: whether it has the subresource `scale`."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True
    short: tuple[str, ...] = ()
    scalable: bool = False

    @property
    def api_version(self) -> str:
        """As in a manifest: "v1", "apps/v1"."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def full_name(self) -> str:
        """As in the API's messages: "configmaps", "deployments.apps"."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


#: Group and version to rows of kind and short names; "*" before a kind: in no namespace, "^": scalable.
_TABLE: dict[tuple[str, str], str] = {
    ("", "v1"): "*Namespace:ns *Node:no Pod:po Service:svc ServiceAccount:sa Secret ConfigMap:cm *PersistentVolume:pv "
    "PersistentVolumeClaim:pvc ResourceQuota:quota LimitRange:limits Endpoints:ep Event:ev ReplicationController:rc",
    ("apps", "v1"): "^Deployment:deploy DaemonSet:ds ^StatefulSet:sts ^ReplicaSet:rs",
    ("batch", "v1"): "Job CronJob:cj",
    ("networking.k8s.io", "v1"): "NetworkPolicy:netpol Ingress:ing *IngressClass",
    ("rbac.authorization.k8s.io", "v1"): "Role RoleBinding *ClusterRole *ClusterRoleBinding",
    ("storage.k8s.io", "v1"): "*StorageClass:sc *CSIDriver *VolumeAttachment",
    ("policy", "v1"): "PodDisruptionBudget:pdb",
    ("autoscaling", "v2"): "HorizontalPodAutoscaler:hpa",
    ("scheduling.k8s.io", "v1"): "*PriorityClass:pc",
    ("node.k8s.io", "v1"): "*RuntimeClass",
    ("coordination.k8s.io", "v1"): "Lease",
    ("discovery.k8s.io", "v1"): "EndpointSlice",
    ("apiextensions.k8s.io", "v1"): "*CustomResourceDefinition:crd",
}
#: Where the CRD itself is not at hand to say it.
_CLUSTER_WIDE = {"NodePool", "NodeClaim", "NodeOverlay", "EC2NodeClass"}
_VERSIONS = {"NodeOverlay": "v1alpha1", "DaskCluster": "v1alpha1"}


def _built_in() -> Iterator[Resource]:
    for (group, version), rows in _TABLE.items():
        for row in rows.split():
            marked, _, short = row.partition(":")
            kind = marked.lstrip("*^")
            plural = "endpoints" if kind == "Endpoints" else plural_of(kind)
            yield Resource(group, version, kind, plural, "*" not in marked, (short,) if short else (), "^" in marked)


BUILT_IN = tuple(_built_in())
#: Of no path of its own: what the subresource of that name is.
SCALE = Resource("autoscaling", "v1", "Scale", "scale")


def resources(world: World) -> tuple[Resource, ...]:
    """Every resource of a cluster. The caller holds its lock."""
    return (*BUILT_IN, *(_custom(kind, *brought) for kind, brought in world.custom_kinds.items()))


def _custom(kind: str, group: str, chart: str, version: str) -> Resource:
    known = known_schemas().crds(CHART_KINDS[chart].source, version).get(kind)
    document: dict[str, Any] = known.document if known else {}
    scope = document.get("scope", "Cluster" if kind in _CLUSTER_WIDE else "Namespaced")
    served = [name for name, each in document.get("versions", {}).items() if each.get("served", True)]
    name = served[-1] if served else _VERSIONS.get(kind, "v1")
    return Resource(group, name, kind, document.get("plural", plural_of(kind)), scope == "Namespaced")

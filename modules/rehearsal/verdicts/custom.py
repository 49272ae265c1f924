"""Custom resources: which chart brings them, and whether one keeps to its CRD."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from modules.rehearsal.verdicts.cel import check_rules
from modules.rehearsal.verdicts.schemas import Schema
from modules.rehearsal.verdicts.structural import check_structure, structural


@dataclass(frozen=True)
class ChartKinds:
    """source: what the files of these CRDs begin with. kinds: kind to API group."""

    source: str
    kinds: Mapping[str, str]


_KARPENTER = ChartKinds(
    "karpenter",
    {"NodePool": "karpenter.sh", "NodeClaim": "karpenter.sh", "NodeOverlay": "karpenter.sh", "EC2NodeClass": "karpenter.k8s.aws"},
)
_RAY = ChartKinds("kuberay", dict.fromkeys(("RayCluster", "RayJob", "RayService"), "ray.io"))
#: The charts that bring custom resource definitions.
CHART_KINDS = {
    "karpenter-crd": _KARPENTER,
    "karpenter": _KARPENTER,
    "kuberay-operator": _RAY,
    "dask-gateway": ChartKinds("dask-gateway", {"DaskCluster": "gateway.dask.org"}),
}


def check_custom(manifest: dict[str, Any], crd: Schema, old: dict[str, Any] | None = None) -> tuple[list[str], int]:
    """(one sentence a mistake, how many CEL rules were evaluated). old: the object as it is now, for an update.

    Rules are not asked about an object that is not even of the right shape.
    """
    group, _, version = manifest["apiVersion"].rpartition("/")
    served = {name: each for name, each in crd.document["versions"].items() if each.get("served", True)}
    if group != crd.document["group"] or version not in served:
        known = ", ".join(f"{crd.document['group']}/{name}" for name in served)
        return [f'no matches for kind "{manifest["kind"]}" in version "{manifest["apiVersion"]}" (served: {known})'], 0
    mistakes = check_structure(manifest, _shape(crd.name, version, _Held(served[version]["openAPIV3Schema"])))
    return (mistakes, 0) if mistakes else check_rules(manifest, served[version]["openAPIV3Schema"], old)


@dataclass(frozen=True, eq=False)
class _Held:
    """A schema as the key of a cache: the same object, not an equal one."""

    schema: dict[str, Any]

    def __hash__(self) -> int:
        return id(self.schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.schema is self.schema


@lru_cache(maxsize=32)
def _shape(_name: str, _version: str, held: _Held) -> dict[str, Any]:
    return structural(held.schema)

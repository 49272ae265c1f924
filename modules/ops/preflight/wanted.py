"""Every place of an env that needs instance types: the core nodes, node groups, Karpenter's pools, the admin box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from modules.catalog.instances import families
from modules.config.models import HubConfig


@dataclass(frozen=True)
class Wanted:
    """Types that one place may use, and the zones (full names) it lies in.

    where: its section of hub.yaml. all_or_nothing: whether every type must be offered in every zone, as EKS demands of managed
    node groups; Karpenter takes what there is.
    """

    where: str
    types: tuple[str, ...]
    zones: tuple[str, ...]
    all_or_nothing: bool


def wanted_types(config: HubConfig, zones: Sequence[str]) -> tuple[Wanted, ...]:
    """All of them; `zones` are those of the network, by their full names."""
    return tuple(_wanted(config, tuple(zones)))


def _wanted(config: HubConfig, zones: tuple[str, ...]) -> Iterator[Wanted]:
    if config.cluster.existing is None:
        yield Wanted("cluster.core", config.cluster.core.instance_types, zones, True)
    for key, group in config.node_groups.items():
        yield Wanted(f"node_groups.{key}", group.instance_types, _among(zones, group.zones), True)
    for key, pool in config.pools.items():
        types = tuple(f"{family}.{size}" for family in pool.families for size in pool.sizes if _may_exist(family, size))
        yield Wanted(f"pools.{key}", types, _among(zones, pool.zones), False)
    box = config.cluster.admin_box
    if box is not None:
        # It stands in the first subnet; in a VPC of somebody else's the zone of that one is not known.
        yield Wanted("cluster.admin_box", (box.instance_type,), zones if config.network.existing else zones[:1], False)


def _among(zones: tuple[str, ...], chosen: Sequence[str]) -> tuple[str, ...]:
    """Those of `zones` whose letter `chosen` names (`a` or `us-east-2a`); all of them for none."""
    letters = {each[-1] for each in chosen}
    return tuple(zone for zone in zones if not letters or zone[-1] in letters)


def _may_exist(family: str, size: str) -> bool:
    """Not every family of a pool comes in every size of it; of a family that the catalog does not know nothing is ruled out."""
    return family not in families() or size in families()[family]

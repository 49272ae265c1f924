"""Where pods can be placed: pools and node groups, seen alike."""

from __future__ import annotations

from dataclasses import dataclass

from modules.catalog.instances import Shape, families, find_shape
from modules.config.models import HubConfig
from modules.config.problems import Path


@dataclass(frozen=True)
class Place:
    """A pool or node group, as something pods are placed on."""

    key: str
    path: Path
    purpose: str
    arch: str
    gpu: str | None
    types: tuple[str, ...]
    """Every instance type it may use, as far as the catalog knows."""
    complete: bool
    """False when the catalog does not know some family; nothing is said about size then."""
    taints: tuple[str, ...] = ()
    """Those of the configuration, beside the standing ones of purpose and gpu."""
    spot: bool = False
    """Whether its nodes may be spot."""
    slices: int = 1
    """Pods that share one card."""

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The known shapes among its types."""
        return tuple(shape for shape in map(find_shape, self.types) if shape)


def places(config: HubConfig) -> dict[str, Place]:
    """Every pool and node group by its name."""
    found = {}
    known = families()
    for key, pool in config.pools.items():
        found[key] = Place(
            key,
            ("pools", key),
            pool.purpose,
            pool.arch,
            pool.gpu,
            tuple(f"{family}.{size}" for family in pool.families for size in pool.sizes if size in known.get(family, ())),
            all(family in known for family in pool.families),
            pool.taints,
            "spot" in pool.capacity,
            pool.gpu_time_slices or 1,
        )
    for key, group in config.node_groups.items():
        found[key] = Place(
            key,
            ("node_groups", key),
            group.purpose,
            group.arch,
            group.gpu,
            group.instance_types,
            all(find_shape(each) for each in group.instance_types),
            group.taints,
            group.capacity == "spot",
        )
    return found

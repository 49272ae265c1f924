"""The shape of a check, the decorator that makes one of a generator, and where pods can be placed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from modules.catalog.instances import Shape, families, find_shape
from modules.config.models import HubConfig
from modules.config.problems import Path

#: Where, and what with its fix.
Finding = tuple[Path, str]
Run = Callable[[HubConfig, date], Iterator[Finding]]


@dataclass(frozen=True)
class Check:
    """One rule and the sections it reads."""

    reads: frozenset[str]
    run: Run


def reads(*sections: str) -> Callable[[Run], Check]:
    """Make a Check of a generator that reads these top-level sections."""
    return lambda run: Check(frozenset(sections), run)


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

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The known shapes among its types."""
        return tuple(shape for shape in map(find_shape, self.types) if shape)


def places(config: HubConfig) -> dict[str, Place]:
    """Every pool and node group by its name."""
    found = {}
    for key, pool in config.pools.items():
        known = families()
        types = tuple(f"{family}.{size}" for family in pool.families for size in pool.sizes if size in known.get(family, ()))
        complete = all(family in known for family in pool.families)
        found[key] = Place(key, ("pools", key), pool.purpose, pool.arch, pool.gpu, types, complete)
    for key, group in config.node_groups.items():
        complete = all(find_shape(each) for each in group.instance_types)
        found[key] = Place(key, ("node_groups", key), group.purpose, group.arch, group.gpu, group.instance_types, complete)
    return found

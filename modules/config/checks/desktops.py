"""Desktops: their nodes, and the notebooks that draw on them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from modules.common.quantity import memory_bytes
from modules.config.checks._check import Finding, Place, places, reads
from modules.config.checks._room import fits, named
from modules.config.extras import Desktop
from modules.config.hub import Profile
from modules.config.models import HubConfig
from modules.config.nodes import Limits
from modules.config.problems import Path


@reads("desktop", "pools", "node_groups", "cluster")
def pool(config: HubConfig, _: date) -> Iterator[Finding]:
    settings = config.desktop
    if settings is None or config.cluster.existing:
        # Nodes of somebody else's cluster are found by their label; no pool of ours is involved.
        return
    known = places(config)
    if settings.pool is None:
        yield ("desktop", "pool"), f"is missing. {_name_one(known)}"
        return
    yield from named(known, ("desktop", "pool"), settings.pool, "desktop")
    place = known.get(settings.pool)
    if place:
        yield from _cards(settings, place) or fits(("desktop",), "a desktop", place, settings.cpu, settings.memory)


def _cards(settings: Desktop, place: Place) -> list[Finding]:
    path: Path = ("desktop", "gpu")
    if settings.gpu and place.gpu is None:
        return [(path, f'asks for a GPU, and pool "{place.key}" has none. Add gpu: nvidia there, or write gpu: 0.')]
    if settings.gpu > 1 and place.gpu == "nvidia-time-sliced":
        return [(path, f'asks for {settings.gpu} slices of pool "{place.key}", and two slices are no more than one. Write gpu: 1.')]
    most = max((shape.accelerators for shape in place.shapes), default=0)
    if place.complete and place.shapes and settings.gpu > most * place.slices:
        return [(path, f'asks for {settings.gpu} GPUs, and no instance of pool "{place.key}" has more than {most}. Ask for fewer.')]
    return []


@reads("desktop", "pools", "node_groups")
def metadata(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.desktop is None or config.desktop.pool is None:
        return
    for section, found in (("pools", config.pools), ("node_groups", config.node_groups)):
        each = found.get(config.desktop.pool)
        if each is not None and each.hop_limit < 2:
            path = (section, config.desktop.pool, "hop_limit")
            yield path, "must be 2 on the desktops' pool: the DCV server asks instance metadata for its licence from inside a pod."


@reads("desktop", "pools", "node_groups")
def enough_nodes(config: HubConfig, _: date) -> Iterator[Finding]:
    settings = config.desktop
    place = places(config).get(settings.pool) if settings and settings.pool else None
    if settings is None or place is None:
        return
    group, its_pool = config.node_groups.get(place.key), config.pools.get(place.key)
    most = group.max if group else _nodes_within(its_pool.limits, place) if its_pool else None
    if most is not None and most < settings.seats:
        what = "max" if group else "its limits"
        where = ".".join(map(str, place.path))
        yield ("desktop", "seats"), f"{settings.seats} desktops need as many nodes, and {where} may have {most}. Raise {what}."


def _nodes_within(limits: Limits, place: Place) -> int | None:
    """Nodes of the smallest type that a pool's limits allow; None where the catalog does not know its types."""
    if not place.complete or not place.shapes:
        return None
    counts = [
        limits.cpu // min(shape.vcpu for shape in place.shapes),
        memory_bytes(limits.memory) // 2**20 // min(shape.memory_mib for shape in place.shapes),
    ]
    if limits.gpu is not None and place.gpu:
        counts.append(limits.gpu // max(min(shape.accelerators for shape in place.shapes), 1))
    return min(counts)


@reads("hub", "desktop", "pools", "node_groups", "cluster")
def notebooks(config: HubConfig, _: date) -> Iterator[Finding]:
    known = places(config)
    for index, profile in enumerate(config.hub.profiles):
        if not profile.desktop:
            continue
        path: Path = ("hub", "profiles", index)
        place = known.get(profile.pool)
        if config.desktop is None:
            yield (*path, "desktop"), "needs desktops to draw on, and there are none. Add a desktop: section, or remove this line."
        elif place and place.purpose != "desktop":
            yield (*path, "pool"), f'"{place.key}" is for {place.purpose}, where no desktop runs. {_name_one(known)}'
        elif place:
            yield from _beside(path, profile, config.desktop, place)


def _beside(path: Path, profile: Profile, desktop: Desktop, place: Place) -> Iterator[Finding]:
    """Whether a node holds the notebook and the desktop it draws on; the desktop is there first."""
    cpu, cards = desktop.cpu + profile.cpu[0], desktop.gpu + profile.gpu
    memory = memory_bytes(desktop.memory) + memory_bytes(profile.memory[0])
    sliced = [shape.holds(cpu, memory) and shape.accelerators * place.slices >= cards for shape in place.shapes]
    if place.complete and sliced and not any(sliced):
        wanted = f"{cpu:g} CPU, {memory / 2**30:g}G" + (f", {cards} GPU" if cards else "")
        yield (
            path,
            f'"{profile.name}" and the desktop beside it need {wanted}, and no instance of pool "{place.key}" has that left. '
            "Lower the guarantee, shrink the desktop, or add larger sizes.",
        )


def _name_one(known: dict[str, Place]) -> str:
    meant = [key for key, place in known.items() if place.purpose == "desktop"]
    return f"Write pool: {meant[0]}." if meant else "Add a pool with purpose: desktop, and name it here."


CHECKS = (pool, metadata, enough_nodes, notebooks)

"""The spawn page: images, profiles, and whether each profile finds a node it fits on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from modules.catalog.instances import Shape, find_shape
from modules.common.quantity import memory_bytes
from modules.config.checks._check import SYSTEM_NAMESPACES, Finding, Place, places, reads
from modules.config.hub import Profile
from modules.config.models import HubConfig
from modules.config.nodes import Pool
from modules.config.problems import Path, did_you_mean

#: What JupyterHub 5 writes into the environment of a server after everything else (jupyterhub.spawner.Spawner.get_env).
_HUBS_VARIABLES = re.compile(
    "JUPYTERHUB_(ACTIVITY_URL|ADMIN_ACCESS|API_TOKEN|API_URL|BASE_URL|CLIENT_ID|COOKIE_OPTIONS|HOST|OAUTH_(ACCESS_)?SCOPES"
    "|OAUTH_CALLBACK_URL|PUBLIC(_HUB)?_URL|SERVER_NAME|SERVICE_PREFIX|SERVICE_URL|USER)"
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@reads("hub")
def defaults(config: HubConfig, _: date) -> Iterator[Finding]:
    yield from _one_default(("hub", "images"), "image", [key for key, image in config.hub.images.items() if image.default])
    yield from _one_default(("hub", "profiles"), "profile", [profile.name for profile in config.hub.profiles if profile.default])


def _one_default(path: Path, noun: str, marked: Sequence[str]) -> Iterator[Finding]:
    if not marked:
        yield path, f"no {noun} is marked default: true. Mark one."
    elif len(marked) > 1:
        count = {2: "two", 3: "three", 4: "four"}.get(len(marked), str(len(marked)))
        yield path, f"{count} {noun}s are marked default: {', '.join(marked)}. Keep one."


@reads("hub")
def names(config: HubConfig, _: date) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for index, profile in enumerate(config.hub.profiles):
        if profile.name in seen:
            yield ("hub", "profiles", index, "name"), f'"{profile.name}" is the name of profiles[{seen[profile.name]}] too. Write another.'
        seen[profile.name] = index
        for position, image in enumerate(profile.images):
            if image not in config.hub.images:
                hint = did_you_mean(image, config.hub.images)
                yield ("hub", "profiles", index, "images", position), f'"{image}" is not an image{hint}'
            elif image in profile.images[:position]:
                yield ("hub", "profiles", index, "images", position), f'"{image}" is listed twice. Keep one.'
    if config.hub.namespace in SYSTEM_NAMESPACES:
        yield ("hub", "namespace"), f'"{config.hub.namespace}" belongs to Kubernetes. Write another, such as jupyterhub.'


@reads("hub")
def environment(config: HubConfig, _: date) -> Iterator[Finding]:
    found: dict[Path, dict[str, str]] = {("hub", "singleuser", "environment"): config.hub.singleuser.environment}
    found |= {("hub", "profiles", index, "environment"): profile.environment for index, profile in enumerate(config.hub.profiles)}
    for path, variables in found.items():
        for name in variables:
            if not _VARIABLE.fullmatch(name):
                yield (*path, name), "is no name of a variable. Write letters, digits and underscores, and no digit first."
            elif _HUBS_VARIABLES.fullmatch(name):
                yield (*path, name), "is set by JupyterHub for every server, and a value here is lost. Remove it."


@reads("hub", "pools", "node_groups", "cluster")
def profiles(config: HubConfig, _: date) -> Iterator[Finding]:
    known = places(config)
    for index, profile in enumerate(config.hub.profiles):
        path: Path = ("hub", "profiles", index)
        place = known.get(profile.pool)
        if profile.desktop and (place or config.cluster.existing):
            # Where desktops run; desktops.notebooks looks at it. An existing cluster's desktop nodes are in no pool of ours.
            continue
        if place is None:
            yield (*path, "pool"), f'"{profile.pool}" is not a pool{did_you_mean(profile.pool, known)}'
            continue
        if place.purpose != "user":
            other = ", or say desktop: true" if place.purpose == "desktop" else ""
            yield (
                (*path, "pool"),
                f'"{profile.pool}" is for {place.purpose}, and its taint keeps notebooks off. Use a pool with purpose: user{other}.',
            )
            continue
        mismatch = list(_accelerators(path, profile, place))
        yield from mismatch or _fits(path, profile, place, config.pools.get(place.key))


def _accelerators(path: Path, profile: Profile, place: Place) -> Iterator[Finding]:
    if profile.gpu and place.gpu is None:
        yield (*path, "gpu"), f'asks for a GPU, and pool "{place.key}" has none. Name a pool with gpu: nvidia, or remove gpu.'
    if not profile.gpu and place.gpu is not None:
        yield (*path, "gpu"), f'pool "{place.key}" has GPUs and this profile asks for none. Write gpu: 1, or use a pool without.'
    if profile.gpu > 1 and place.gpu == "nvidia-time-sliced":
        # NVIDIA's device plugin refuses such pods, for a second slice is no more of the card.
        yield (*path, "gpu"), f'asks for {profile.gpu} slices of pool "{place.key}", and two slices are no more than one. Write gpu: 1.'


def _fits(path: Path, profile: Profile, place: Place, pool: Pool | None) -> Iterator[Finding]:
    if place.complete:
        for index, each in enumerate(profile.instance_types):
            if each not in place.types:
                hint = did_you_mean(each, place.types)
                yield (*path, "instance_types", index), f'"{each}" is not among the types of pool "{place.key}"{hint}'
    types = profile.instance_types or place.types
    shapes = [shape for shape in map(find_shape, types) if shape]
    if not shapes or not place.complete or len(shapes) < len(types):
        return
    fitting = [shape for shape in shapes if shape.holds(profile.cpu[0], memory_bytes(profile.memory[0]), profile.gpu)]
    if not fitting:
        yield path, _too_large(profile, place, shapes)
    elif pool and any(_is_allowed(shape, pool) for shape in place.shapes) and not any(_is_allowed(shape, pool) for shape in fitting):
        yield (*path, "pool"), _above_limits(place, pool, fitting)


def _too_large(profile: Profile, place: Place, shapes: Sequence[Shape]) -> str:
    best = max(shapes, key=lambda shape: (shape.accelerators >= profile.gpu, shape.free_memory_mib, shape.free_cpu_milli))
    gpus = f", {profile.gpu} GPU" if profile.gpu else ""
    left_gpus = f", {best.accelerators} GPU" if profile.gpu else ""
    return (
        f'"{profile.name}" guarantees {profile.cpu[0]:g} CPU, {profile.memory[0]}{gpus}, and no instance of pool "{place.key}" '
        f"has that left. The largest, {best.type}, leaves {best.free_cpu_milli / 1000:.1f} CPU, {best.free_memory_mib / 1024:.1f}G"
        f"{left_gpus} after the system's share. Lower the guarantee or add larger sizes."
    )


def _above_limits(place: Place, pool: Pool, fitting: Sequence[Shape]) -> str:
    least = min(fitting, key=lambda shape: (shape.vcpu, shape.memory_mib))
    return (
        f'"{place.key}" may not start a node for this profile: {least.type}, the smallest that fits, has '
        f"{_amounts(least.vcpu, f'{least.memory_mib // 1024}G', least.accelerators or None)}, and its limits allow "
        f"{_amounts(pool.limits.cpu, pool.limits.memory, pool.limits.gpu)}. Raise them."
    )


def _amounts(cpu: int, memory: str, cards: int | None) -> str:
    return f"{cpu} CPU, {memory}" + (f", {cards} GPU" if cards is not None else "")


def _is_allowed(shape: Shape, pool: Pool) -> bool:
    """Whether Karpenter may start a first node of this shape under the pool's limits."""
    if pool.gpu and pool.limits.gpu is not None and shape.accelerators > pool.limits.gpu:
        return False
    return shape.vcpu <= pool.limits.cpu and shape.memory_mib * 2**20 <= memory_bytes(pool.limits.memory)


@reads("hub", "storage", "pools", "node_groups")
def zones(config: HubConfig, _: date) -> Iterator[Finding]:
    """A home on EBS stays in the zone it was made in, so everything a user may pick must reach one zone."""
    if config.storage.homes.kind != "ebs":
        return
    common: set[str] | None = None
    for index, profile in enumerate(config.hub.profiles):
        place = config.pools.get(profile.pool) or config.node_groups.get(profile.pool)
        letters = {zone[-1] for zone in place.zones} if place else set()
        if not letters:
            continue
        if common is not None and not common & letters:
            yield (
                ("hub", "profiles", index, "pool"),
                f'"{profile.pool}" has no zone in common with the pools above, and homes on EBS stay in one. Share a zone, or use EFS.',
            )
            continue
        common = letters if common is None else common & letters


@reads("hub", "storage", "network", "node_groups")
def group_zones(config: HubConfig, _: date) -> Iterator[Finding]:
    """Karpenter starts a node where a volume is. A node group is grown by number alone, and AWS picks the zone."""
    if config.storage.homes.kind != "ebs" or config.network.existing:
        return
    for key in sorted({profile.pool for profile in config.hub.profiles} & set(config.node_groups)):
        zones = config.node_groups[key].zones or config.network.azs
        if len(zones) > 1:
            path: Path = ("node_groups", key, "zones")
            yield path, f"{len(zones)} zones, and homes on EBS stay in one: the next node may come where a home is not. Name one zone."


CHECKS = (defaults, names, environment, profiles, zones, group_zones)

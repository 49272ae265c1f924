"""What an env needs of an account's quotas: what always runs, and the nodes that come when somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from modules.catalog.instances import Shape, find_shape
from modules.catalog.quotas import Quota, vcpu_quota
from modules.common import names
from modules.config.models import HubConfig
from modules.ops.preflight.wanted import wanted_types


@dataclass(frozen=True)
class Standing:
    """Nodes that an install starts and waits for. where: their section of hub.yaml; place: the node group's name in EKS, or ""."""

    where: str
    place: str
    quota: Quota
    vcpu: int


@dataclass(frozen=True)
class Later:
    """Nodes that come when they are needed. choices: the types that may come, by the quota they count against."""

    where: str
    choices: dict[Quota, tuple[Shape, ...]]


def nat_zones(config: HubConfig) -> tuple[str, ...]:
    """The zones that get a NAT gateway, each with an Elastic IP; none in a VPC of somebody else's."""
    if config.network.existing:
        return ()
    return config.azs if config.network.nat == "per-az" else config.azs[:1]


def balancer_count(config: HubConfig) -> int:
    """The hub's, and the desktops' when they have one of their own."""
    return 1 + int(config.desktop is not None and config.desktop.exposure == "nlb")


def group_names(config: HubConfig) -> tuple[str, ...]:
    """The names in EKS of the node groups that the env makes."""
    core = ("core",) if config.cluster.existing is None else ()
    return tuple(_group_name(config, key) for key in (*core, *config.node_groups))


def standing(config: HubConfig) -> tuple[Standing, ...]:
    """Core nodes, node groups that start with some, the admin box. EKS takes the first type of a group while there is any."""
    return tuple(_standing(config))


def later(config: HubConfig) -> tuple[Later, ...]:
    """Pools, and node groups that start empty."""
    return tuple(_later(config))


def _standing(config: HubConfig) -> Iterator[Standing]:
    core = config.cluster.core
    if config.cluster.existing is None:
        yield from _nodes("cluster.core", _group_name(config, "core"), core.instance_types[0], "on-demand", core.desired or core.min)
    for key, group in config.node_groups.items():
        count = group.min if group.desired is None else group.desired
        if count:
            yield from _nodes(f"node_groups.{key}", _group_name(config, key), group.instance_types[0], group.capacity, count)
    box = config.cluster.admin_box
    if box is not None:
        yield from _nodes("cluster.admin_box", "", box.instance_type, "on-demand", 1)


def _nodes(where: str, place: str, instance_type: str, capacity: str, count: int) -> Iterator[Standing]:
    """Nothing for a type that the catalog does not know; whether it exists is another check's question."""
    shape, quota = find_shape(instance_type), vcpu_quota(instance_type, "spot" if capacity == "spot" else "on-demand")
    if shape and quota:
        yield Standing(where, place, quota, shape.vcpu * count)


def _later(config: HubConfig) -> Iterator[Later]:
    starts = {each.where for each in standing(config)}
    for place in wanted_types(config, config.azs):
        section, _, key = place.where.partition(".")
        if place.where in starts or section == "cluster":
            continue
        if section == "pools":
            ways, most = config.pools[key].capacity, config.pools[key].limits.cpu
        else:
            ways, most = (config.node_groups[key].capacity,), 0
        shapes = [shape for each in place.types if (shape := find_shape(each)) and (not most or shape.vcpu <= most)]
        choices: dict[Quota, list[Shape]] = {}
        for way in ways:
            for shape in shapes:
                quota = vcpu_quota(shape.type, way)
                if quota:
                    choices.setdefault(quota, []).append(shape)
        if choices:
            yield Later(place.where, {quota: tuple(sorted(found, key=lambda each: each.vcpu)) for quota, found in choices.items()})


def _group_name(config: HubConfig, key: str) -> str:
    return names.fit(f"{config.name}-{key}", names.NODE_GROUP_NAME_MAX)

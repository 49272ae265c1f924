"""Nodes that are up while nobody works: the control plane's companions, minima of groups, desktops' seats, Ray, Vault."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from modules.catalog.instances import Shape
from modules.catalog.prices import price
from modules.common.quantity import memory_bytes
from modules.config.models import HubConfig
from modules.config.nodes import Disk
from modules.config.place import places
from modules.config.server_price import server_price
from modules.ops.cost.tally import Tally

#: Requests of one member of Vault (modules/k8s/vault/values.py), which has a node to itself.
_VAULT_CPU, _VAULT_BYTES = 0.25, 512 * 2**20


@dataclass(frozen=True)
class Seats:
    """Pods that keep nodes of a pool or group up. type: "" where the catalog knows none that fits."""

    key: str
    label: str
    pool: str
    type: str
    count: int
    note: str = ""


def add_nodes(config: HubConfig, tally: Tally) -> None:
    """The control plane and every node that stands."""
    cluster = config.cluster
    if cluster.existing is None:
        extended = cluster.support == "EXTENDED"
        note = "0.10 an hour until the version's standard support ends" if extended else ""
        tally.add("control-plane", "EKS control plane", "eks-extended" if extended else "eks", 1, note=note)
        core = cluster.core
        tally.nodes("core", "core nodes", core.instance_types[0], core.desired or core.min, core.disk, note=_first_of(core.instance_types))
        _groups(config, tally)
    for seats in _all_seats(config):
        taken = seats.count - _group_size(config, seats.pool)
        if taken > 0:
            tally.nodes(
                seats.key, seats.label, seats.type or "a type the catalog does not know", taken, _disk(config, seats.pool), note=seats.note
            )
    box = cluster.admin_box
    if box is not None:
        tally.nodes("admin-box", "admin box", box.instance_type, 1, box.disk, stays=True)


def _groups(config: HubConfig, tally: Tally) -> None:
    for key, group in config.node_groups.items():
        note = _first_of(group.instance_types)
        if group.capacity == "spot":
            note = "on-demand price: spot costs less"
        tally.nodes(f"group-{key}", f"node group {key}", group.instance_types[0], _group_size(config, key), group.disk, note=note)


def _group_size(config: HubConfig, key: str) -> int:
    """Nodes of a group at rest. Only the cluster-autoscaler takes a group down from the size it was made with."""
    group = config.node_groups.get(key)
    if group is None or config.cluster.existing is not None:
        return 0
    shrinks = config.cluster.autoscaler == "cluster-autoscaler"
    return group.min if shrinks or group.desired is None else group.desired


def _all_seats(config: HubConfig) -> Iterator[Seats]:
    yield from _desktops(config)
    for key, cluster in config.ray.items():
        yield Seats(f"ray-{key}", f"Ray cluster {key}", cluster.pool, cluster.instance_type, 1 + cluster.workers)
    vault = config.vault
    if vault is not None:
        node = _cheapest(config, vault.pool, _VAULT_CPU, _VAULT_BYTES, 0)
        yield Seats("vault", "Vault", vault.pool, node, vault.replicas)
    yield from _placeholders(config)


def _desktops(config: HubConfig) -> Iterator[Seats]:
    settings = config.desktop
    # Seats that go to 0 by themselves are gone from an env that nobody uses.
    if settings is None or settings.pool is None or settings.stop_idle_hours is not None:
        return
    node = _cheapest(config, settings.pool, settings.cpu, memory_bytes(settings.memory), settings.gpu)
    yield Seats("desktop", "desktops' seats", settings.pool, node, settings.seats)


def _placeholders(config: HubConfig) -> Iterator[Seats]:
    default = next(each for each in config.hub.profiles if each.default or len(config.hub.profiles) == 1)
    place = places(config).get(default.pool)
    found = server_price(default, place, config.region) if place else None
    if config.hub.placeholders and place:
        count = math.ceil(config.hub.placeholders / found.fits) if found else config.hub.placeholders
        yield Seats(
            "placeholders", "warm seats", default.pool, found.node if found else "", count, note="as if of the default profile's size"
        )


def _cheapest(config: HubConfig, pool: str, cpu: float, memory: int, gpu: int) -> str:
    """The cheapest type of a pool with room for one such pod; "" where the catalog knows none, or no price of one."""
    place = places(config).get(pool)
    fitting = [shape for shape in (place.shapes if place else ()) if shape.holds(cpu, memory, gpu)]
    if not fitting or any(price(each.type, config.region) is None for each in fitting):
        return ""

    def amount(shape: Shape) -> float:
        found = price(shape.type, config.region)
        return found.amount if found else math.inf

    return min(fitting, key=amount).type


def _disk(config: HubConfig, pool: str) -> Disk:
    found = config.pools.get(pool) or config.node_groups.get(pool)
    return found.disk if found else Disk()


def _first_of(types: tuple[str, ...]) -> str:
    return "the first of its types" if len(types) > 1 else ""

"""What one server of a profile costs an hour on the cheapest node it fits on. The spawn page and `./hub cost` say the same."""

from __future__ import annotations

from dataclasses import dataclass

from modules.catalog.instances import Shape, find_shape
from modules.catalog.prices import price
from modules.common.quantity import memory_bytes
from modules.config.hub import Profile
from modules.config.place import Place


@dataclass(frozen=True)
class ServerPrice:
    """node: the cheapest type with room. fits: servers of this profile on one such node.

    node_usd: of the node, an hour on demand. exact: False where that comes from another region's by a factor.
    """

    node: str
    fits: int
    node_usd: float
    exact: bool

    @property
    def usd(self) -> float:
        """An hour of one server on demand, on a node full of its like; alone on it, it costs `node_usd`."""
        return self.node_usd / self.fits


def server_price(profile: Profile, place: Place, region: str) -> ServerPrice | None:
    """None where the catalog knows no node with room for the profile's guarantee, or not the price of every such type."""
    fitting = [shape for shape in shapes_of(profile, place) if shape.holds(profile.cpu[0], memory_bytes(profile.memory[0]), profile.gpu)]
    priced = [(cost, shape) for shape in fitting if (cost := price(shape.type, region))]
    if not priced or len(priced) < len(fitting):
        # A type without a price might be the cheapest.
        return None
    cost, shape = min(priced, key=lambda pair: pair[0].amount)
    return ServerPrice(shape.type, _fits(profile, shape, place.slices), cost.amount, cost.exact)


def shapes_of(profile: Profile, place: Place) -> tuple[Shape, ...]:
    """The instance types its servers may run on; none where the catalog does not know all of them."""
    if not place.complete:
        return ()
    if profile.instance_types:
        return tuple(shape for shape in map(find_shape, profile.instance_types) if shape)
    return place.shapes


def _fits(profile: Profile, shape: Shape, slices: int) -> int:
    """By what is scarcest: CPU, memory or cards."""
    cpu = shape.free_cpu_milli // (profile.cpu[0] * 1000)
    memory = shape.free_memory_mib * 2**20 // memory_bytes(profile.memory[0])
    cards = shape.accelerators * slices // profile.gpu if profile.gpu else memory
    return int(min(cpu, memory, cards))

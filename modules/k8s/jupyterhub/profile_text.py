"""What the spawn page says of a profile: the operator's words, its size, and about what it costs an hour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from modules.catalog.instances import Shape, find_shape
from modules.catalog.prices import price
from modules.common.quantity import memory_bytes
from modules.config.hub import Profile
from modules.config.place import Place

_GIB = 2**30


def describe(profile: Profile, place: Place, region: str) -> str:
    """The operator's description, if any, and on a line of its own the numbers."""
    numbers = ", ".join(_numbers(profile, place, region))
    # In one paragraph: the spawn page sets a description in one, and would swallow a line break.
    return f"{profile.description.rstrip(' .')}. {numbers}" if profile.description else numbers


def hourly(profile: Profile, place: Place, region: str) -> float | None:
    """USD an hour: the share of the cheapest node it fits on that its guarantee takes away from others. None where the catalog
    knows no such node or no price."""
    fitting = [shape for shape in _shapes(profile, place) if shape.holds(profile.cpu[0], memory_bytes(profile.memory[0]), profile.gpu)]
    priced = [(cost.amount, shape) for shape in fitting if (cost := price(shape.type, region))]
    if not priced or len(priced) < len(fitting):
        # A type without a price might be the cheapest.
        return None
    amount, shape = min(priced, key=lambda pair: pair[0])
    return amount * _share(profile, shape, place.slices)


def _numbers(profile: Profile, place: Place, region: str) -> Iterator[str]:
    yield f"{_span(profile.cpu)} CPU"
    yield f"{_span([memory_bytes(each) / _GIB for each in profile.memory])} GB"
    if profile.gpu and place.gpu:
        yield _accelerator(profile, place)
    cost = hourly(profile, place, region)
    if cost is not None:
        yield f"{_money(cost)} an hour{', less on spot' if place.spot else ''}"


def _span(pair: Iterable[float]) -> str:
    return "-".join(dict.fromkeys(f"{number:g}" for number in pair))


def _money(cost: float) -> str:
    return f"about ${cost:.2f}" if cost >= 0.01 else "less than $0.01"


def _accelerator(profile: Profile, place: Place) -> str:
    models = dict.fromkeys(shape.accelerator.partition(":")[2] for shape in _shapes(profile, place))
    model = " or ".join(name.capitalize() if place.gpu == "neuron" else name.upper() for name in models if name)
    noun = "Neuron device" if place.gpu == "neuron" else "GPU"
    shared = f", shared by {place.slices}" if place.slices > 1 else ""
    return f"{profile.gpu} {noun}{'s' if profile.gpu > 1 else ''}" + (f" ({model}{shared})" if model else "")


def _shapes(profile: Profile, place: Place) -> tuple[Shape, ...]:
    if not place.complete:
        return ()
    if profile.instance_types:
        return tuple(shape for shape in map(find_shape, profile.instance_types) if shape)
    return place.shapes


def _share(profile: Profile, shape: Shape, slices: int) -> float:
    """The largest of the shares of CPU, memory and cards: what is left beside it is of no use to others."""
    cpu = profile.cpu[0] * 1000 / shape.free_cpu_milli
    memory = memory_bytes(profile.memory[0]) / 2**20 / shape.free_memory_mib
    cards = profile.gpu / (shape.accelerators * slices) if profile.gpu else 0.0
    return max(cpu, memory, cards)

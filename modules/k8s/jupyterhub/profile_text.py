"""What the spawn page says of a profile: the operator's words, its size, where its windows open, and about what it costs an hour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from modules.common.quantity import memory_bytes
from modules.config.hub import Profile
from modules.config.place import Place
from modules.config.server_price import server_price, shapes_of

_GIB = 2**30


def describe(profile: Profile, place: Place, region: str) -> str:
    """The operator's description, if any, and on a line of its own the numbers."""
    numbers = ", ".join(_numbers(profile, place, region))
    # In one paragraph: the spawn page sets a description in one, and would swallow a line break.
    return f"{profile.description.rstrip(' .')}. {numbers}" if profile.description else numbers


def hourly(profile: Profile, place: Place, region: str) -> float | None:
    """USD an hour (server_price); None where the catalog knows no such node or no price."""
    found = server_price(profile, place, region)
    return found.usd if found else None


def _numbers(profile: Profile, place: Place, region: str) -> Iterator[str]:
    yield f"{_span(profile.cpu)} CPU"
    yield f"{_span([memory_bytes(each) / _GIB for each in profile.memory])} GB"
    if profile.gpu and place.gpu:
        yield _accelerator(profile, place)
    if profile.desktop:
        yield "windows open on the node's desktop"
    cost = hourly(profile, place, region)
    if cost is not None:
        yield f"{_money(cost)} an hour{', less on spot' if place.spot else ''}"


def _span(pair: Iterable[float]) -> str:
    return "-".join(dict.fromkeys(f"{number:g}" for number in pair))


def _money(cost: float) -> str:
    return f"about ${cost:.2f}" if cost >= 0.01 else "less than $0.01"


def _accelerator(profile: Profile, place: Place) -> str:
    models = dict.fromkeys(shape.accelerator.partition(":")[2] for shape in shapes_of(profile, place))
    model = " or ".join(name.capitalize() if place.gpu == "neuron" else name.upper() for name in models if name)
    noun = "Neuron device" if place.gpu == "neuron" else "GPU"
    shared = f", shared by {place.slices}" if place.slices > 1 else ""
    return f"{profile.gpu} {noun}{'s' if profile.gpu > 1 else ''}" + (f" ({model}{shared})" if model else "")

"""How much one user has at once, over all Dask clusters, and the sentence when it is not enough.

dask-gateway-server limits a single cluster only (cluster_max_cores and the like; read in its 2026.3.0).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .checks import Refusal
from .settings import Settings
from .sizes import gib


@dataclass(frozen=True)
class Share:
    """What workers of one cluster take: how many there are or will be, cores and bytes of each."""

    workers: int
    cores: float
    memory: int


def most_workers(settings: Settings, cores: float, memory: int) -> int:
    """Workers of this size that a user may have when there is nothing else. Never less than one: the least worker must fit."""
    return max(1, int(min(settings.max_cores // cores, settings.max_memory // memory)))


def room(settings: Settings, others: Iterable[Share], cores: float, memory: int) -> int:
    """Workers of this size that still fit beside the user's other clusters; 0 for none."""
    used_cores, used_memory = _used(others)
    return max(0, int(min((settings.max_cores - used_cores) // cores, (settings.max_memory - used_memory) // memory)))


def admit(settings: Settings, running: int, others: Iterable[Share], cores: float, memory: int) -> None:
    """Raises Refusal when the user may not have one more cluster with workers of this size. running: clusters there are."""
    if running >= settings.max_clusters:
        raise Refusal(
            f"You have {_count(running, 'Dask cluster')}, and {settings.max_clusters} at once is the most. "
            "Use one of them (gateway.list_clusters() names them) or shut one down."
        )
    others = tuple(others)
    if room(settings, others, cores, memory) < 1:
        raise Refusal(
            f"One more worker of {_count(cores, 'core')} and {gib(memory)} GiB does not fit: {_state(settings, others)}. "
            "Scale a cluster down or shut one down first."
        )


def scale(settings: Settings, asked: int, others: Iterable[Share], cores: float, memory: int) -> None:
    """Raises Refusal when `asked` workers of this size do not fit beside the user's other clusters."""
    others = tuple(others)
    fitting = room(settings, others, cores, memory)
    if asked > fitting:
        raise Refusal(
            f"{_count(asked, 'worker')} of {_count(cores, 'core')} and {gib(memory)} GiB are too many: {_state(settings, others)}, "
            f"so {fitting} fit here. Ask for fewer, or shut another cluster down."
        )


def _used(shares: Iterable[Share]) -> tuple[float, int]:
    listed = tuple(shares)
    return sum(each.workers * each.cores for each in listed), sum(each.workers * each.memory for each in listed)


def _state(settings: Settings, others: Iterable[Share]) -> str:
    cores, memory = _used(others)
    return (
        f"you may have {settings.max_cores} cores and {gib(settings.max_memory)} GiB at once, "
        f"and your other clusters use {cores:g} and {gib(memory)}"
    )


def _count(number: float, noun: str) -> str:
    return f"{number:g} {noun}{'' if number == 1 else 's'}"

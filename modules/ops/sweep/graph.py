"""What blocks what, and what is free to go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modules.ops.sweep.model import Sweepable

Key = tuple[str, str]


def blockers(items: Sequence[Sweepable]) -> dict[Key, tuple[Sweepable, ...]]:
    """For each of `items`, those of them that must be gone first, by what it needs and by what they hold."""
    return {
        item.key: tuple(other for other in items if other.key != item.key and (item.needs & other.known_as or other.holds & item.known_as))
        for item in items
    }


def free(items: Sequence[Sweepable], blocked_by: Mapping[Key, Sequence[Sweepable]]) -> list[Sweepable]:
    """What nothing blocks. Where everything is blocked, things hold each other in a circle: all of them, and AWS says which may go."""
    return [item for item in items if not blocked_by[item.key]] or list(items)

"""What the checks of all optional parts ask of a pool: it exists, it is meant for them, it is large enough."""

from __future__ import annotations

from collections.abc import Iterator

from modules.catalog.instances import find_shape
from modules.common.quantity import memory_bytes
from modules.config.checks._check import Finding, Place
from modules.config.problems import Path, did_you_mean

_MIB = 2**20


def named(known: dict[str, Place], path: Path, name: str, purpose: str | None) -> Iterator[Finding]:
    """The place called `name` exists and is for `purpose` (None: for anything)."""
    if name not in known:
        yield path, f'"{name}" is not a pool{did_you_mean(name, known)}'
    elif purpose and known[name].purpose != purpose:
        yield path, f'"{name}" is for {known[name].purpose}, and its taint keeps others off. Give it purpose: {purpose}, or name another.'


def fits(path: Path, what: str, place: Place, cpu: float, memory: str) -> Iterator[Finding]:
    """Some instance of the place has these CPUs and this memory left."""
    shapes = [shape for shape in map(find_shape, place.types) if shape]
    wanted = memory_bytes(memory) / _MIB
    if place.complete and shapes and not any(shape.free_cpu_milli >= cpu * 1000 and shape.free_memory_mib >= wanted for shape in shapes):
        best = max(shapes, key=lambda shape: shape.free_memory_mib)
        yield (
            path,
            f'{what} of {cpu:g} CPU and {memory} fits no instance of pool "{place.key}". The largest, {best.type}, leaves '
            f"{best.free_cpu_milli / 1000:.1f} CPU and {best.free_memory_mib / 1024:.1f}G. Ask for less, or add larger sizes.",
        )

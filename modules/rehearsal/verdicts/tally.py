"""How much was judged, so that a run can say so, and what was not, so that it cannot hide it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """values: sets of chart values; manifests: objects; rules: CEL rules evaluated. unchecked: chart or kind to why."""

    values: int = 0
    manifests: int = 0
    rules: int = 0
    unchecked: dict[str, str] = field(default_factory=dict)

    def checked(self, what: str) -> None:
        """What went unchecked once was checked now, because its schema came."""
        self.unchecked.pop(what, None)

    def skip(self, what: str, why: str) -> bool:
        """Note what went unchecked. True the first time, when it should be said aloud."""
        first = what not in self.unchecked
        self.unchecked[what] = why
        return first

    def add(self, other: Tally) -> None:
        """Take over what another counted."""
        self.values += other.values
        self.manifests += other.manifests
        self.rules += other.rules
        self.unchecked.update(other.unchecked)

    def document(self) -> dict[str, Any]:
        """{"checked": {...}, "unchecked": ["<what>: <why>"]}"""
        checked = {"values": self.values, "manifests": self.manifests, "rules": self.rules}
        return {"checked": checked, "unchecked": [f"{what}: {why}" for what, why in sorted(self.unchecked.items())]}

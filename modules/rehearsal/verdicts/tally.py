"""How much was judged, so that a run can say so, and what was not, so that it cannot hide it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """values: sets of chart values; manifests: objects; rules: CEL rules evaluated. unchecked: chart or kind to why.
    trusted: what was answered as if it had happened, to why; a cluster that runs pods would know."""

    values: int = 0
    manifests: int = 0
    rules: int = 0
    unchecked: dict[str, str] = field(default_factory=dict)
    trusted: dict[str, str] = field(default_factory=dict)

    def checked(self, what: str) -> None:
        """What went unchecked once was checked now, because its schema came."""
        self.unchecked.pop(what, None)

    def skip(self, what: str, why: str) -> bool:
        """Note what went unchecked. True the first time, when it should be said aloud."""
        first = what not in self.unchecked
        self.unchecked[what] = why
        return first

    def trust(self, what: str, why: str) -> None:
        """Note what was taken for done although nothing here can do it."""
        self.trusted[what] = why

    def add(self, other: Tally) -> None:
        """Take over what another counted."""
        self.values += other.values
        self.manifests += other.manifests
        self.rules += other.rules
        self.unchecked.update(other.unchecked)
        self.trusted.update(other.trusted)

    def document(self) -> dict[str, Any]:
        """{"checked": {...}, "unchecked": ["<what>: <why>"], "trusted": ["<what>: <why>"]}"""
        checked = {"values": self.values, "manifests": self.manifests, "rules": self.rules}
        notes = {"unchecked": self.unchecked, "trusted": self.trusted}
        return {"checked": checked, **{name: [f"{what}: {why}" for what, why in sorted(each.items())] for name, each in notes.items()}}

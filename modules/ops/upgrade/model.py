"""A plan: rounds of steps, and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: refused: not like this. needs: something has to be done first, then the same command goes on. note: worth knowing.
Level = Literal["refused", "needs", "note"]
#: The order of the kinds is the order of the work.
Kind = Literal["control-plane", "addon", "charts", "core", "group", "pools"]


@dataclass(frozen=True)
class Finding:
    """One thing about an upgrade. rule: a stable word for machines. what: one sentence. fix: what to do, "" for a note."""

    level: Level
    rule: str
    what: str
    fix: str = ""


@dataclass(frozen=True)
class Step:
    """One piece of work. name: of the add-on or node group, "" otherwise. minutes: from, to; a rule of thumb, not a promise.

    users: what people on the hub notice.
    """

    kind: Kind
    name: str
    old: str
    new: str
    minutes: tuple[int, int]
    users: str

    @property
    def title(self) -> str:
        """What a person calls it: "control plane", "add-on coredns"."""
        words = {"control-plane": "control plane", "addon": "add-on", "core": "core nodes", "group": "node group"}
        return f"{words.get(self.kind, self.kind)} {self.name if self.kind != 'core' else ''}".strip()


@dataclass(frozen=True)
class Round:
    """The steps that bring everything to one Kubernetes version, in order."""

    version: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Plan:
    """What an upgrade would do. rounds: empty when everything is there already, or when it is refused for its version."""

    old: str
    target: str
    rounds: tuple[Round, ...]
    findings: tuple[Finding, ...]

    def of(self, level: Level) -> tuple[Finding, ...]:
        """The findings of one level."""
        return tuple(each for each in self.findings if each.level == level)

    @property
    def exit_code(self) -> int:
        """0 it can be done, 2 something has to be done first, 1 refused."""
        if self.of("refused"):
            return 1
        return 2 if self.of("needs") else 0

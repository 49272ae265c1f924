"""What a sweep finds, and what it says when it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from modules.ops.aws_clients import Clients
from modules.ops.sweep.scope import Scope


def nobody() -> Sequence[str]:
    """The answer of a thing of which AWS cannot be asked who uses it."""
    return ()


@dataclass(frozen=True)
class Sweepable:
    """One thing to remove. `remove` asks AWS to; it raises ClientError when AWS refuses.

    names: other names of it, such as its ARN, by which other things speak of it. needs: names of what must be gone before it.
    holds: names of what cannot go before it. idle: why nothing that runs can be using it; "" when that cannot be told while the
    cluster runs. users: who still uses it, asked when AWS refuses; raises ClientError.
    """

    kind: str
    id: str
    remove: Callable[[], object] = field(compare=False)
    names: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    holds: frozenset[str] = frozenset()
    idle: str = ""
    users: Callable[[], Sequence[str]] = field(default=nobody, compare=False)

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others."""
        return self.kind, self.id

    @property
    def known_as(self) -> frozenset[str]:
        """Every name of it."""
        return self.names | {self.id}

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


@dataclass(frozen=True)
class Remaining:
    """One thing the sweep could not remove, and AWS's reason."""

    kind: str
    id: str
    why: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id}: {self.why}"


@dataclass(frozen=True)
class Swept:
    """What the sweep removed (in a dry run: what it would remove, as remaining)."""

    removed: tuple[str, ...]
    remaining: tuple[Remaining, ...]


#: Finds the things of one kind. Raises ClientError when AWS does not let us look.
Lister = Callable[[Clients, Scope], Iterator[Sweepable]]

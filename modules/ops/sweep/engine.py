"""The passes of a sweep: look, remove what is free, look again; until nothing is left, nothing moves, or time is up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import BotoCoreError, ClientError

from modules.ops.aws_clients import Clients
from modules.ops.failures.aws import Kind, code_of, kind_of
from modules.ops.sweep.graph import Key, blockers, free
from modules.ops.sweep.model import Lister, Remaining, Sweepable, Swept
from modules.ops.sweep.scope import Scope

#: A load balancer's interfaces are released within about five minutes of its end.
SWEEP_SECONDS = 420.0
PAUSE_SECONDS = 5.0
#: Passes in which nothing changes: many while AWS is at something or says "in use", few when it simply refuses.
_PATIENT, _IMPATIENT = 72, 3
_AT_ONCE = 8
#: Refusals that a later pass may not meet again.
_PASSING = frozenset({Kind.BUSY, Kind.CONFLICT, Kind.THROTTLED, Kind.TRANSIENT, Kind.MISSING})
#: Which of what was found may go; the rest is looked at and left alone.
Choice = Callable[[Sweepable], bool]


def all_of_it(_: Sweepable) -> bool:
    """The choice of a sweep that takes whatever it finds."""
    return True


def run(
    clients: Clients,
    scope: Scope,
    listers: Sequence[Lister],
    *,
    dry_run: bool,
    seconds: float = SWEEP_SECONDS,
    pause: float = PAUSE_SECONDS,
    note: Callable[[str], None] = lambda text: None,
    choice: Choice = all_of_it,
) -> Swept:
    """Sweep what `listers` find and `choice` takes. `note` hears what is being waited for.

    Raises ClientError when AWS does not let us look.
    """
    broom = Broom(clients, scope, listers, choice)
    found = broom.look()
    if dry_run:
        return Swept((), tuple(Remaining(item.kind, item.id, "would be removed") for item in found))
    deadline = time.monotonic() + seconds
    still, before = 0, broom.moved(found)
    while found:
        broom.remove(found)
        found = broom.look()
        after = broom.moved(found)
        still = still + 1 if after == before else 0
        before = after
        if not found or time.monotonic() > deadline or still >= broom.patience(found):
            break
        note(f"sweep: waiting for {len(found)} to go: {', '.join(str(item) for item in found[:3])}")
        time.sleep(pause)
    left = {item.key for item in found}
    return Swept(tuple(str(item) for key, item in broom.asked.items() if key not in left), broom.remaining(found))


class Broom:
    """One sweep: what was asked to go, and what AWS answered."""

    def __init__(self, clients: Clients, scope: Scope, listers: Sequence[Lister], choice: Choice = all_of_it) -> None:
        self.asked: dict[Key, Sweepable] = {}
        self._clients = clients
        self._scope = scope
        self._listers = listers
        self._choice = choice
        self._refused: dict[Key, ClientError] = {}

    def look(self) -> list[Sweepable]:
        """What is there to remove, each once, without what a state holds under its id."""
        held = self._scope.held.ids if self._scope.held else frozenset()
        found: dict[Key, Sweepable] = {}
        for lister in self._listers:
            for item in lister(self._clients, self._scope):
                if not item.known_as & held and self._choice(item):
                    found.setdefault(item.key, item)
        return list(found.values())

    def remove(self, found: Sequence[Sweepable]) -> None:
        """Ask AWS to remove what is free; what is in use is asked again in the next pass, what is on its way is not."""
        going = [item for item in free(found, blockers(found)) if item.key not in self.asked]
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            for item, refused in zip(going, pool.map(_ask, going), strict=True):
                if refused is None:
                    self.asked[item.key] = item
                    self._refused.pop(item.key, None)
                else:
                    # Also "not found" may be about another thing in the same call; the next look tells.
                    self._refused[item.key] = refused

    def moved(self, found: Sequence[Sweepable]) -> tuple[frozenset[Key], frozenset[Key]]:
        """What changes from pass to pass while there is progress."""
        return frozenset(item.key for item in found), frozenset(self.asked)

    def patience(self, found: Sequence[Sweepable]) -> int:
        """How many passes without progress are worth it."""
        passing = (item.key in self.asked or self._may_pass(item.key) for item in found)
        return _PATIENT if any(passing) else _IMPATIENT

    def remaining(self, found: Sequence[Sweepable]) -> tuple[Remaining, ...]:
        """What is left, and why."""
        blocked_by = blockers(found)
        return tuple(Remaining(item.kind, item.id, self._why(item, blocked_by[item.key])) for item in found)

    def _may_pass(self, key: Key) -> bool:
        return key in self._refused and kind_of(self._refused[key]) in _PASSING

    def _why(self, item: Sweepable, waits_for: Sequence[Sweepable]) -> str:
        refused = self._refused.get(item.key)
        if refused is None:
            waits = ", ".join(str(other) for other in waits_for[:3])
            return "was asked to go and is still there" if item.key in self.asked or not waits else f"waits for {waits}"
        said = f"{code_of(refused)}: {refused.response['Error'].get('Message', '')}".rstrip(": ")
        users = _users(item) or tuple(str(other) for other in waits_for)
        return f"{said}; used by {', '.join(users[:3])}" if users else said


def _ask(item: Sweepable) -> ClientError | None:
    try:
        item.remove()
    except ClientError as error:
        return error
    except BotoCoreError as error:
        # No answer at all: a refusal like others, so that what went before it is still told.
        return ClientError({"Error": {"Code": type(error).__name__, "Message": str(error)}}, "remove")
    return None


def _users(item: Sweepable) -> Sequence[str]:
    """Who uses it, as far as AWS tells: an answer for a message, so a refusal is no error."""
    try:
        return item.users()
    except ClientError:
        return ()

"""Waiting for Ray clusters: with a word whenever something changed, and an end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from modules.common.errors import HubError
from modules.ops.progress import Display, human
from modules.ops.ray.model import Seen
from modules.ops.ray.scene import Cluster

#: A node takes some minutes, an image of gigabytes as long again; Ray itself starts within one.
_WAIT_SECONDS = 900.0
_PAUSE_SECONDS = 5.0


@dataclass(frozen=True)
class Patience:
    """How long to wait for clusters, and how long between two looks."""

    seconds: float = _WAIT_SECONDS
    pause: float = _PAUSE_SECONDS


@dataclass(frozen=True)
class Goal:
    """What is waited for. words: "up" or "down"."""

    words: str
    is_reached: Callable[[Seen], bool]


UP, DOWN = Goal("up", lambda seen: seen.is_up), Goal("down", lambda seen: seen.is_gone)


def wait(clusters: tuple[Cluster, ...], goal: Goal, display: Display, patience: Patience) -> dict[str, Seen]:
    """What was seen last, by cluster, when all of them reached the goal. Raises HubError that says how far they came."""
    started, said = time.monotonic(), dict[str, str]()
    while True:
        seen = {each.key: each.look() for each in clusters}
        if all(map(goal.is_reached, seen.values())):
            return seen
        spent = time.monotonic() - started
        if spent > patience.seconds:
            raise _late(clusters, seen, goal, spent)
        for key, line in ((key, line_of(each)) for key, each in seen.items()):
            if said.get(key) != line:
                said[key] = line
                display.note(f"{key}: {line} ({human(spent)})")
        time.sleep(patience.pause)


def line_of(seen: Seen) -> str:
    """How far a cluster is, in one line."""
    if not seen.is_asked_for:
        return f"{seen.pods} pod{'' if seen.pods == 1 else 's'} left"
    head = "head ready" if seen.head.ready else "head not ready"
    return "; ".join((f"{head}, {seen.workers.ready} of {seen.workers.wanted} workers ready", *seen.troubles))


def _late(clusters: tuple[Cluster, ...], seen: Mapping[str, Seen], goal: Goal, spent: float) -> HubError:
    open_ = [each for each in clusters if not goal.is_reached(seen[each.key])]
    how_far = "; ".join(f"{each.key}: {line_of(seen[each.key])}" for each in open_)
    namespaces = sorted({each.settings.namespace for each in open_})
    pools = sorted({each.settings.pool for each in open_})
    look = "; ".join(f"kubectl describe pods -n {namespace}" for namespace in namespaces)
    fix = f"{look} says why" + (f"; look at the limits of {', '.join(pools)} too" if goal is UP else "")
    # Kubernetes goes on without us: the next look may find them there.
    return HubError(f"not {goal.words} after {human(spent)}: {how_far}. What was asked for stays asked for", fix=fix)

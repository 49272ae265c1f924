"""Everything killed with SIGKILL in mid-run: resources exist, no state does, locks are held. One more command repairs it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests._support.account import contents
from tests._support.processes import kill_tree
from tests.engine.conftest import Life, life
from tests.engine.points import BUILDING, REMOVING, Point, enough, locks, some_of, start, without_parts

pytestmark = [pytest.mark.engine, pytest.mark.slow]

_BUILDING = some_of(BUILDING, "the bootstrap", "cluster: nodes")
_REMOVING = some_of(REMOVING, "a removal: the cluster")


def _kill_at(hub: Life, point: Point) -> bool:
    """Whether the run could be struck there."""
    process = start(hub, point)
    if process is not None:
        kill_tree(process.pid)
        process.communicate()
    return process is not None


def _unlock(hub: Life, point: Point, *, ask_first: bool) -> None:
    """A held lock is a refusal that names the way out; ask_first: see that refusal before the way is taken."""
    if not locks(hub):
        return
    if ask_first:
        refused = hub.checkout.hub(*point.command, "--json")
        assert refused.code == 1, refused.said
        assert "hub unlock demo" in refused.out + refused.err
    unlocked = hub.checkout.hub("unlock", "demo", "--yes")
    assert unlocked.code == 0, unlocked.said


def test_killed_anywhere_the_next_run_completes(tmp_path: Path, evidence: Any) -> None:
    with life(tmp_path, "demo") as hub:
        without_parts(hub)
        held, struck = 0, []
        for point in _BUILDING:
            struck += [point] if _kill_at(hub, point) else []
            held += bool(locks(hub))
            # A refused run may apply the stacks that nobody locks, and so pass the next point: asked once.
            _unlock(hub, point, ask_first=held == 1)
        done = hub.checkout.hub("install", "demo", "--yes", "--json")
        assert done.code == 0, done.said

        number = Counter(item.partition(":")[0] for item in contents(hub.session))
        assert (number["vpc"], number["nat"], number["cluster"], number["file-system"], number["key"]) == (1, 1, 1, 1, 2), number
        assert (number["subnet"], number["address"], number["gateway"], number["endpoint"]) == (6, 1, 1, 4), number
        calm = hub.checkout.hub("install", "demo", "--plan", "--json")
        assert calm.code == 0, calm.said
        assert hub.faults() == []
        for point in _REMOVING:
            struck += [point] if _kill_at(hub, point) else []
            _unlock(hub, point, ask_first=False)
        gone = hub.checkout.hub("cleanup", "demo", "--confirm", "demo", "--json")
        assert gone.code == 0, gone.said
        assert gone.json["orphans"] == []
        assert not {"vpc", "cluster", "subnet", "nat", "queue"} & {item.partition(":")[0] for item in contents(hub.session)}
    assert len(struck) >= enough(*_BUILDING, *_REMOVING), [each.what for each in struck]
    for point in struck:
        evidence.record(f"SIGKILL at {point.what}", "faulted", "adopted by tag and name; no duplicate, no orphan")

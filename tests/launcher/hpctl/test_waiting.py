"""Waiting: what ends it, and what does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.launcher.hpctl.waiting import until_running

RUNNING, STARTING = {"process_name": "a", "status": "RUNNING"}, {"process_name": "a", "status": "STARTING", "reason": "no node has room"}
FAILED = {"process_name": "a", "status": "FAILED", "reason": "ImagePullBackOff"}
OLD, OLD_STARTING = {"process_name": "a", "socket_addresses": [{}]}, {"process_name": "a", "socket_addresses": []}
DOWN = HubError("the server is away")


def looks(*found: Any) -> Any:
    """A look that gives these in turn, the last one for ever."""
    turn: Iterator[Any] = iter(found)

    def look() -> Any:
        now = next(turn, found[-1])
        if isinstance(now, HubError):
            raise now
        return now

    return look


@pytest.mark.parametrize(
    "found",
    [
        ([RUNNING],),
        ([], [RUNNING]),
        ([STARTING], [STARTING], [RUNNING]),
        ([STARTING], DOWN, DOWN, [RUNNING]),
        ([RUNNING, STARTING], [RUNNING, RUNNING]),
        ([OLD_STARTING], [OLD]),
    ],
)
def test_until_it_runs(found: tuple[Any, ...]) -> None:
    assert until_running(looks(*found), '"a"', 600, every=0) == found[-1]


@pytest.mark.parametrize(
    ("found", "seconds", "said"),
    [
        (([FAILED],), 600, '"a" failed: ImagePullBackOff'),
        (([STARTING], [FAILED]), 600, '"a" failed: ImagePullBackOff'),
        (([STARTING],), 0, "does not run after 0 s: a is STARTING, no node has room"),
        (([],), 0, "there is none"),
        ((DOWN,), 600, "the server is away"),
        (([STARTING], DOWN), 0.01, "the server is away"),
    ],
)
def test_what_ends_it(found: tuple[Any, ...], seconds: float, said: str) -> None:
    with pytest.raises(HubError, match=said):
        until_running(looks(*found), '"a"', seconds, every=0)

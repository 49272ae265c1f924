"""A value that ends: one fetch for many callers, and the old value while a new one cannot be had."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest

from modules.launcher.renewed import Renewed
from tests.launcher.aws.conftest import Clock

MINUTE = timedelta(minutes=1)


class Source:
    """Counts its calls; each value is good for ten minutes. broken: fails instead."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.calls, self.broken = clock, 0, False

    def __call__(self) -> tuple[int, datetime]:
        self.calls += 1
        if self.broken:
            raise ConnectionError
        return self.calls, self.clock() + 10 * MINUTE


@pytest.fixture
def source(clock: Clock) -> Source:
    return Source(clock)


@pytest.fixture
def renewed(source: Source, clock: Clock) -> Renewed[int]:
    return Renewed(source, early=2 * MINUTE, clock=clock)


@pytest.mark.parametrize(("minutes", "value"), [(0, 1), (7, 1), (8, 2), (11, 2)])
def test_it_is_renewed_before_it_ends(renewed: Renewed[int], clock: Clock, minutes: float, value: int) -> None:
    assert renewed.get()[0] == 1
    clock.move(minutes=minutes)
    assert renewed.get()[0] == value


def test_while_it_cannot_be_renewed_it_is_used_until_it_ends(renewed: Renewed[int], source: Source, clock: Clock) -> None:
    renewed.get()
    source.broken = True
    clock.move(minutes=9)
    assert renewed.get()[0] == 1
    clock.move(minutes=1)
    with pytest.raises(ConnectionError):
        renewed.get()
    source.broken = False
    clock.move(seconds=6)
    assert renewed.get()[0] > 1


def test_a_source_that_is_down_is_not_asked_by_everybody(renewed: Renewed[int], source: Source, clock: Clock) -> None:
    source.broken = True
    for _ in range(20):
        with pytest.raises(ConnectionError):
            renewed.get()
    assert source.calls == 1
    clock.move(seconds=6)
    with pytest.raises(ConnectionError):
        renewed.get()
    assert source.calls == 2


def test_many_who_come_at_once_cause_one_fetch(source: Source, clock: Clock) -> None:
    gate = threading.Barrier(8)

    def fetch() -> tuple[int, datetime]:
        return source()

    renewed, found = Renewed(fetch, early=MINUTE, clock=clock), []

    def come() -> None:
        gate.wait(60)
        found.append(renewed.get()[0])

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (found, source.calls) == ([1] * 8, 1)


def test_nobody_waits_for_a_renewal_while_the_old_value_is_good(source: Source, clock: Clock) -> None:
    started, may_end = threading.Event(), threading.Event()

    def fetch() -> tuple[int, datetime]:
        if source.calls:
            started.set()
            may_end.wait(60)
        return source()

    renewed = Renewed(fetch, early=2 * MINUTE, clock=clock)
    renewed.get()
    clock.move(minutes=9)
    slow = threading.Thread(target=renewed.get)
    slow.start()
    assert started.wait(60)
    assert renewed.get()[0] == 1
    may_end.set()
    slow.join(60)
    assert renewed.get()[0] == 2

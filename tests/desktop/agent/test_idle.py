"""Idle stop: the seats go when every desktop is unused long enough, and only then."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests._support.fake_kubernetes import FakeKubernetes, Fault
from tests.desktop.agent.desk import Desk

HOUR = 3600.0


def idle_for(hours: float, *desks: Desk) -> None:
    """All agents live for so long, a step every 9 minutes: fewer would make their entries stale."""
    for _ in range(int(hours * HOUR / 540)):
        for desk in desks:
            desk.pass_time(540, stride=540)


def test_an_idle_desktop_stops_after_its_hours(
    desks: Callable[..., Desk], kubernetes: FakeKubernetes, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = desks(DCV_STOP_IDLE_HOURS="2")
    idle_for(1.5, desk)
    assert kubernetes.replicas("dcv-seats") == 1
    idle_for(1, desk)
    assert kubernetes.replicas("dcv-seats") == 0
    assert "INFO stopped the idle desktops deployment=dcv-seats hours=2 desktops=1" in capsys.readouterr().out


@pytest.mark.parametrize("extra", [{}, {"DCV_STOP_IDLE_HOURS": "1", "DCV_SEATS": ""}])
def test_without_hours_or_seats_nothing_stops(desks: Callable[..., Desk], kubernetes: FakeKubernetes, extra: dict[str, str]) -> None:
    idle_for(2, desks(**extra))
    assert kubernetes.replicas("dcv-seats") == 1
    assert not [request for request in kubernetes.requests if "scale" in request.path]


def test_one_busy_node_keeps_all(desks: Callable[..., Desk], kubernetes: FakeKubernetes) -> None:
    kubernetes.scale("dcv-seats", 2)
    one, two = desks("node-a", DCV_STOP_IDLE_HOURS="1"), desks("node-b", ":1", DCV_STOP_IDLE_HOURS="1")
    two.session(":1", num_of_connections=1)
    idle_for(2, one, two)
    assert kubernetes.replicas("dcv-seats") == 2
    two.session(":1", last_disconnection_time="2026-11-21T11:00:00Z")
    idle_for(0.5, one, two)
    assert kubernetes.replicas("dcv-seats") == 2, "the hours count from the last person who left"
    idle_for(1, one, two)
    assert kubernetes.replicas("dcv-seats") == 0


def test_a_start_by_hand_begins_the_hours_anew(desks: Callable[..., Desk], kubernetes: FakeKubernetes) -> None:
    desk = desks(DCV_STOP_IDLE_HOURS="1")
    idle_for(1.5, desk)
    assert kubernetes.replicas("dcv-seats") == 0
    kubernetes.scale("dcv-seats", 1)
    idle_for(0.5, desk)
    assert kubernetes.replicas("dcv-seats") == 1, "the node was still there, with old idle hours"
    idle_for(1, desk)
    assert kubernetes.replicas("dcv-seats") == 0


def test_a_desktop_that_just_came_keeps_the_others_up(desks: Callable[..., Desk], kubernetes: FakeKubernetes) -> None:
    one, two = desks("node-a", DCV_STOP_IDLE_HOURS="1"), desks("node-b", "", DCV_STOP_IDLE_HOURS="1")
    idle_for(0.8, one, two)
    two.session(":1")
    idle_for(0.7, one, two)
    assert kubernetes.replicas("dcv-seats") == 1


@pytest.mark.parametrize("status", [403, 409, 500])
def test_a_refused_stop_leaves_the_desktop_ready_and_is_tried_again(
    desks: Callable[..., Desk], kubernetes: FakeKubernetes, status: int
) -> None:
    desk = desks(DCV_STOP_IDLE_HOURS="1")
    refusal = Fault(status, "PATCH /apis/apps/v1/namespaces/dcv/deployments/dcv-seats/scale", times=2)
    kubernetes.faults = [refusal]
    idle_for(1.2, desk)
    assert (desk.ready, kubernetes.replicas("dcv-seats"), refusal.times) == (":0", 1, 1)
    idle_for(1, desk)
    assert kubernetes.replicas("dcv-seats") == 0

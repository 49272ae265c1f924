"""EKS's updates: waited for, and their failures in words."""

from __future__ import annotations

from typing import Any

import pytest

from modules.common.errors import HubError
from modules.ops.upgrade import updates as module
from modules.ops.upgrade.updates import Updates
from tests.unit.ops_aws.support import refusal


class FakeEks:
    """An EKS whose update goes through `states`, the last of them for ever; the first call may be refused."""

    def __init__(self, *states: dict[str, Any], refused: Exception | None = None) -> None:
        self.states, self.refused, self.calls = list(states), refused, list[dict[str, Any]]()

    def get(self, service: str) -> FakeEks:
        assert service == "eks"
        return self

    def _start(self, **given: Any) -> dict[str, Any]:
        self.calls.append(given)
        if self.refused:
            raise self.refused
        return {"update": {"id": "u-1"}}

    update_addon = update_nodegroup_version = _start

    def describe_update(self, **given: Any) -> dict[str, Any]:
        self.calls.append(given)
        return {"update": self.states.pop(0) if len(self.states) > 1 else self.states[0]}


GOING, DONE = {"status": "InProgress"}, {"status": "Successful"}


def of(eks: Any) -> Updates:
    return Updates(eks, "lab", pause=0, sleep=lambda _: None)


def test_an_addon_is_waited_for() -> None:
    eks = FakeEks(GOING, GOING, DONE)
    of(eks).addon("coredns", "v1")
    assert eks.calls[0] == {"clusterName": "lab", "addonName": "coredns", "addonVersion": "v1", "resolveConflicts": "PRESERVE"}
    assert eks.calls[1:] == [{"name": "lab", "updateId": "u-1", "addonName": "coredns"}] * 3


def test_a_group_is_never_forced() -> None:
    eks = FakeEks(DONE)
    of(eks).group("lab-user", "1.36")
    assert eks.calls[0] == {"clusterName": "lab", "nodegroupName": "lab-user", "version": "1.36", "force": False}


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (
            {"status": "Failed", "errors": [{"errorCode": "PodEvictionFailure", "errorMessage": "jupyter-ada"}]},
            ["PodEvictionFailure (jupyter-ada)", "just started"],
        ),
        ({"status": "Failed", "errors": [{"errorCode": "NodeCreationFailure"}]}, ["NodeCreationFailure", "goes on here"]),
        ({"status": "Cancelled"}, ["Cancelled", "goes on here"]),
    ],
)
def test_what_ends_badly(end: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(HubError) as failed:
        of(FakeEks(GOING, end)).group("lab-user", "1.36")
    assert [each for each in words if each not in str(failed.value)] == []


def test_a_refusal() -> None:
    with pytest.raises(HubError, match="could not update add-on coredns to v1: something still uses it"):
        of(FakeEks(DONE, refused=refusal("ResourceInUseException"))).addon("coredns", "v1")


def test_waiting_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_DEADLINE_SECONDS", -1.0)
    with pytest.raises(HubError, match="still going on"):
        of(FakeEks(GOING)).addon("coredns", "v1")

"""The executor at its seam: order, resuming after a failure at every call, and servers that are never ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from modules.common.errors import HubError
from modules.ops.progress import Display
from modules.ops.upgrade.executor import Executor, Patience, StillWaiting
from modules.ops.upgrade.facts import Facts, Group, Node, Server
from modules.ops.upgrade.journal import open_journal
from modules.ops.upgrade.steps import steps_to
from tests.unit.ops_upgrade.fake_hands import FakeHands
from tests.unit.ops_upgrade.support import addon, make_facts

TARGET = "1.36"
ADA = Server("ada", "pool-1")
ORDER = [
    "guard",
    "apply cluster",
    "addon coredns v1.12.1-eksbuild.1",
    "addon kube-proxy v1.36.2-eksbuild.1",
    "apply platform",
    "group lab-core 1.36",
    "group lab-user 1.36",
    "unguard",
    "read back",
]


def everything() -> Facts:
    """A cluster with every kind of step but pools, which end by themselves."""
    return make_facts(
        addons=[addon("coredns", "v1.11.1-eksbuild.1"), addon("kube-proxy", "v1.35.2-eksbuild.1")],
        groups=[Group("lab-core", "1.35", is_core=True), Group("lab-user", "1.35")],
        nodes=[Node("core-1", "v1.35.2", group="lab-core"), Node("user-1", "v1.35.2", group="lab-user")],
        controllers={"cluster-autoscaler": "1.35.0"},
        autoscaler="cluster-autoscaler",
    )


def execute(hands: FakeHands, root: Path, *, seconds: float = 0, force: bool = False) -> None:
    clock = iter(range(100_000))
    patience = Patience(seconds, pause=0)
    Executor(hands, TARGET, Display("lab"), open_journal(root, "lab"), patience, force, lambda: next(clock), lambda _: None).run()


def test_the_order(tmp_path: Path) -> None:
    hands = FakeHands(everything(), TARGET)
    execute(hands, tmp_path)
    assert hands.calls == ORDER
    assert steps_to(hands.state, TARGET) == ()


@pytest.mark.parametrize("fail_after", [False, True], ids=["refused", "killed after its work"])
@pytest.mark.parametrize("call", ORDER)
def test_a_stopped_run_goes_on(tmp_path: Path, call: str, fail_after: bool) -> None:
    """A failure at any call, then the same command again: everything ends up where an undisturbed run ends."""
    whole = FakeHands(everything(), TARGET)
    execute(whole, tmp_path / "whole")
    hands = FakeHands(everything(), TARGET, fail_at=call, fail_after=fail_after)
    with pytest.raises((HubError, KeyboardInterrupt)):
        execute(hands, tmp_path)
    assert open_journal(tmp_path, "lab").unfinished
    assert hands.guarded or call in ("guard", "unguard", "read back")
    hands.fail_at = ""
    execute(hands, tmp_path)
    assert (hands.state, hands.guarded) == (whole.state, False)
    assert hands.calls[-1] == "read back"
    work = [each for each in hands.calls if each.split()[0] in ("apply", "addon", "group")]
    expected = [each for each in ORDER if each.split()[0] in ("apply", "addon", "group")]
    assert [each for index, each in enumerate(work) if each not in work[:index]] == expected
    assert len(work) == len(expected) + (call in expected and not fail_after)
    assert open_journal(tmp_path, "lab").unfinished == ""


def test_a_step_that_does_nothing_is_said(tmp_path: Path) -> None:
    """Without this the loop would ask EKS for the same update for ever."""
    hands = FakeHands(make_facts(), version="1.35")
    with pytest.raises(HubError, match="control plane is still at"):
        execute(hands, tmp_path)
    assert hands.calls.count("apply cluster") == 1


def nobody(facts: Facts) -> Facts:
    return replace(facts, servers=())


def same(facts: Facts) -> Facts:
    return facts


def replaced(facts: Facts) -> Facts:
    """Karpenter replaces what is not held and nobody works on."""
    busy = {each.node for each in facts.servers}
    nodes = tuple(
        replace(each, kubelet="v1.36.1") if each.pool and not each.is_held and each.name not in busy else each for each in facts.nodes
    )
    return replace(facts, nodes=nodes)


def at_work(**changes: object) -> Facts:
    nodes = [Node("pool-1", "v1.35.2", pool="default"), Node("pool-2", "v1.35.2", pool="default")]
    return make_facts(addons=[], groups=[], nodes=nodes, servers=[ADA], **changes)


def test_a_node_with_a_server_is_held_until_it_ends(tmp_path: Path) -> None:
    hands = FakeHands(at_work(), TARGET, looks=[same, same, replaced, same, nobody, replaced])
    execute(hands, tmp_path, seconds=100)
    assert hands.calls == ["guard", "hold pool-1", "apply cluster", "release pool-1", "unguard", "read back"]
    assert {each.kubelet for each in hands.state.nodes} == {"v1.36.1"}


def test_time_is_up_and_the_server_stays_protected(tmp_path: Path) -> None:
    hands = FakeHands(at_work(), TARGET, looks=[same, same, *[replaced] * 50])
    with pytest.raises(StillWaiting, match="1 server running"):
        execute(hands, tmp_path, seconds=10)
    assert hands.guarded
    assert [each.name for each in hands.state.nodes if each.is_held] == ["pool-1"]
    hands.looks = [nobody, replaced]
    execute(hands, tmp_path)
    assert (hands.guarded, [each.is_held for each in hands.state.nodes]) == (False, [False, False])


@pytest.mark.parametrize(("looks", "waits"), [([], True), ([same] * 4 + [nobody], False)], ids=["stays", "leaves"])
def test_a_node_group_waits_for_its_servers(tmp_path: Path, looks: list[Callable[[Facts], Facts]], waits: bool) -> None:
    facts = replace(everything(), version=TARGET, addons=(), controllers={}, servers=(Server("ada", "user-1"),))
    hands = FakeHands(facts, TARGET, looks=list(looks))
    if waits:
        with pytest.raises(StillWaiting, match="node group lab-user: 1 server running"):
            execute(hands, tmp_path, seconds=5)
    else:
        execute(hands, tmp_path, seconds=100)
    assert ("group lab-user 1.36" in hands.calls) is not waits
    assert hands.unsafe == []


def test_force_waits_for_nobody_and_takes_the_protection_away(tmp_path: Path) -> None:
    facts = replace(everything(), servers=(Server("ada", "user-1"),))
    hands = FakeHands(facts, TARGET)
    execute(hands, tmp_path, force=True)
    assert "guard" not in hands.calls
    assert hands.unsafe == ["lab-user"]
    assert steps_to(hands.state, TARGET) == ()


def test_force_releases_what_an_earlier_run_held_and_ends_the_servers(tmp_path: Path) -> None:
    hands = FakeHands(at_work(), TARGET, looks=[same, same, *[replaced] * 50])
    with pytest.raises(StillWaiting):
        execute(hands, tmp_path, seconds=3)
    hands.looks, hands.calls = [same, same, replaced], []
    execute(hands, tmp_path, force=True, seconds=100)
    assert hands.calls == ["release pool-1", "unguard", "end ada", "unguard", "read back"]
    assert hands.state.servers == ()


def test_the_journal_says_what_was_done(tmp_path: Path) -> None:
    execute(FakeHands(everything(), TARGET), tmp_path)
    path = tmp_path / ".hubsmith/lab/upgrade.json"
    found = json.loads(path.read_text())
    assert (found["from"], found["to"], found["state"]) == ("1.35", TARGET, "done")
    assert [each["state"] for each in found["steps"]] == ["done"] * 6
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["", "[]", "{broken", '{"steps": 3}'])
def test_a_journal_that_cannot_be_read_is_begun_anew(tmp_path: Path, text: str) -> None:
    path = tmp_path / ".hubsmith/lab/upgrade.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert open_journal(tmp_path, "lab").unfinished == ""
    execute(FakeHands(everything(), TARGET), tmp_path)
    assert json.loads(path.read_text())["state"] == "done"

"""Facts, steps and protection on the emulator's EKS and the stand-in cluster, with a kill at every call that changes something.

Terraform is stood in for by EKS's own UpdateClusterVersion; nodes are replaced by lab.py, as EKS and Karpenter would.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.ops.progress import Display
from modules.ops.upgrade.executor import Executor, Patience, StillWaiting
from modules.ops.upgrade.facts import GUARD
from modules.ops.upgrade.gather_cluster import HELD_BY_US, HOLD
from modules.ops.upgrade.journal import open_journal
from modules.ops.upgrade.planner import plan
from tests._support.emulator import Emulator
from tests.unit.ops_aws.support import Killed, Killer
from tests.unit.ops_upgrade.lab import Lab, build, quick_session
from tests.unit.ops_upgrade.support import rounds_shown

TARGET = "1.36"
WHOLE = {
    "cluster": "1.36",
    "coredns": "v1.13.1-eksbuild.1",
    "kube-proxy": "v1.36.0-eksbuild.2",
    "lab-core": "1.36",
    "lab-user": "1.36",
}
CHANGES = ("UpdateClusterVersion", "UpdateAddon", "UpdateNodegroupVersion")


@pytest.fixture
def lab(emulator: Emulator, tmp_path: Path) -> Lab:
    return build(tmp_path, emulator)


def execute(lab: Lab, session: Any = None, *, seconds: float = 0) -> None:
    hands = lab.hands(TARGET, session)
    Executor(hands, TARGET, Display("lab"), open_journal(lab.root, "lab"), Patience(seconds, pause=0)).run()


def test_facts(lab: Lab) -> None:
    lab.add_server("ada", "pool-1")
    facts = lab.gatherer().facts(TARGET)
    assert (facts.version, facts.file_version, facts.file_line, facts.support) == ("1.35", "1.36", "envs/lab/hub.yaml line 4", "STANDARD")
    assert {each.name: (each.version, each.default["1.36"]) for each in facts.addons} == {
        "kube-proxy": ("v1.35.0-eksbuild.2", "v1.36.0-eksbuild.2"),
        "coredns": ("v1.13.1-eksbuild.1", "v1.13.1-eksbuild.1"),
    }
    assert [(each.name, each.version, each.is_core) for each in facts.groups] == [("lab-core", "1.35", True), ("lab-user", "1.35", False)]
    assert {each.name: (each.kubelet, each.group, each.pool) for each in facts.nodes} == {
        "core-1": ("v1.35.2-eks-1", "lab-core", ""),
        "user-1": ("v1.35.2-eks-1", "lab-user", ""),
        "pool-1": ("v1.35.2-eks-1", "", "default"),
    }
    [server] = facts.servers
    assert (server.user, server.node, server.pod, server.since and server.since.isoformat()) == (
        "ada",
        "pool-1",
        "jupyterhub/jupyter-ada",
        "2026-11-20T08:15:00+00:00",
    )
    assert len(facts.free) == 2
    assert min(facts.free.values()) > 200
    assert facts.unread == ()


def test_the_plan(lab: Lab) -> None:
    found = plan(lab.gatherer().facts(TARGET), TARGET)
    assert found.exit_code == 0
    assert rounds_shown(found) == [
        [
            "control plane 1.35 → 1.36",
            "add-on kube-proxy v1.35.0-eksbuild.2 → v1.36.0-eksbuild.2",
            "core nodes 1.35 → 1.36",
            "node group lab-user 1.35 → 1.36",
            "pools 1.35 → 1.36",
        ]
    ]


def test_no_cluster(lab: Lab) -> None:
    lab.eks.delete_nodegroup(clusterName="lab", nodegroupName="lab-core")
    lab.eks.delete_nodegroup(clusterName="lab", nodegroupName="lab-user")
    lab.eks.delete_cluster(name="lab")
    with pytest.raises(HubError, match="there is no cluster lab"):
        lab.gatherer().facts(TARGET)


def test_a_whole_round(lab: Lab, emulator: Emulator) -> None:
    execute(lab)
    assert lab.versions() == WHOLE
    assert plan(lab.gatherer().facts(TARGET), TARGET).rounds == ()


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(4))
def test_killed_at_every_change(lab: Lab, emulator: Emulator, number: int, moment: str) -> None:
    """The n-th call that changes something ends the run, before it takes effect or right after; a second run ends where one would have."""
    session = quick_session(emulator)
    killer = _ChangeKiller(session, at=number + 1, moment=moment)
    with pytest.raises(Killed):
        execute(lab, session)
    assert lab.versions() != WHOLE or (number, moment) == (3, "after")
    assert GUARD in _budgets(lab), "servers stay protected in between"
    execute(lab)
    assert lab.versions() == WHOLE
    assert GUARD not in _budgets(lab)
    assert killer.changes == number + 1


def test_a_server_is_held_and_let_go(lab: Lab) -> None:
    lab.add_server("ada", "pool-1")
    with pytest.raises(StillWaiting, match="ada"):
        execute(lab)
    held = lab.ask("GET", "/api/v1/nodes/pool-1")["metadata"]["annotations"]
    assert (held[HOLD], held[HELD_BY_US]) == ("true", "true")
    budget = lab.ask("GET", f"/apis/policy/v1/namespaces/jupyterhub/poddisruptionbudgets/{GUARD}")
    assert budget["spec"]["selector"] == {"matchLabels": {"component": "singleuser-server"}}
    lab.end_server("ada")
    execute(lab)
    assert not (lab.ask("GET", "/api/v1/nodes/pool-1")["metadata"].get("annotations") or {}).keys() & {HOLD, HELD_BY_US}
    assert GUARD not in _budgets(lab)


def test_a_group_waits_for_its_server(lab: Lab) -> None:
    lab.add_server("bob", "user-1")
    with pytest.raises(StillWaiting, match="node group lab-user: 1 server running"):
        execute(lab)
    assert lab.versions() == WHOLE | {"lab-user": "1.35"}
    lab.end_server("bob")
    execute(lab)
    assert lab.versions() == WHOLE


def test_force_ends_servers(lab: Lab) -> None:
    lab.add_server("ada", "pool-1")
    hands = lab.hands(TARGET)
    [server] = hands.facts().servers
    hands.end(server)
    hands.end(server)
    assert hands.facts().servers == ()


def _budgets(lab: Lab) -> list[str]:
    return [each["metadata"]["name"] for each in lab.ask("GET", "/apis/policy/v1/poddisruptionbudgets")["items"]]


class _ChangeKiller(Killer):
    """Counts only the calls that change something."""

    changes = 0

    def _before(self, model: Any, **more: Any) -> None:
        if model.name in CHANGES:
            self.changes += 1
            super()._before(model, **more)

    def _after(self, model: Any, **more: Any) -> None:
        if model.name in CHANGES:
            super()._after(model, **more)

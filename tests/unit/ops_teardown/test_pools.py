"""Karpenter's nodes go while Karpenter lives, and who holds one is named."""

from __future__ import annotations

from typing import Any

import pytest

from modules.common.errors import HubError
from modules.ops.teardown.pools import BEFORE
from modules.ops.teardown.recovery import open_pools
from modules.ops.upgrade.gather_cluster import HOLD
from modules.rehearsal.cluster.world import Key
from tests.unit.ops_teardown.conftest import HUB, Lab

MARKED = {"finalizers": ["example.com/hold"]}
SPEC = {
    "template": {
        "spec": {
            "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
            "requirements": [{"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]}],
        }
    }
}


def _pools(lab: Lab) -> None:
    lab.put("NodePool", "", "default", spec={**SPEC, "limits": {"cpu": "64", "memory": "256Gi"}})
    lab.put("NodePool", "", "endless", spec=SPEC)


def test_pools_are_closed_and_claims_given_up(lab: Lab) -> None:
    _pools(lab)
    lab.put("NodeClaim", "", "a", metadata={"finalizers": ["karpenter.sh/termination"]})
    lab.look().empty_pools()
    assert lab.names("NodeClaim") == []
    assert lab.manifest("NodePool", "", "default")["spec"]["limits"] == {"cpu": "0", "memory": "256Gi"}
    assert lab.display.said == ["waits: 1 of Karpenter's nodes: a (draining)", "nodes: 1 of Karpenter's nodes are gone"]


def test_an_install_opens_them_again(lab: Lab) -> None:
    _pools(lab)
    lab.look().empty_pools()
    lab.look().empty_pools()
    assert open_pools(lab.api) == ("NodePools may start nodes again: default, endless",)
    assert lab.manifest("NodePool", "", "default")["spec"]["limits"] == {"cpu": "64", "memory": "256Gi"}
    assert not (lab.manifest("NodePool", "", "endless")["spec"].get("limits") or {}).get("cpu")
    assert BEFORE not in (lab.manifest("NodePool", "", "default")["metadata"].get("annotations") or {})
    assert open_pools(lab.api) == ()


def _undisturbed(lab: Lab) -> None:
    lab.pod("long", node="ip-1")
    lab.manifest("Pod", HUB, "long")["metadata"]["annotations"][HOLD] = "true"


def _budget(lab: Lab) -> None:
    lab.pod("one", node="ip-1", app="x")
    lab.put("PodDisruptionBudget", HUB, "keep", spec={"minAvailable": 1, "selector": {"matchLabels": {"app": "x"}}})
    lab.world.objects[Key("PodDisruptionBudget", HUB, "keep")].status = {"disruptionsAllowed": 0}


WHY = [
    (_undisturbed, f"pod {HUB}/long says {HOLD}"),
    (_budget, f"PodDisruptionBudget {HUB}/keep keeps pod {HUB}/one"),
    (lambda lab: None, "example.com/hold of an unknown program"),
]


@pytest.mark.parametrize(("arrange", "why"), WHY, ids=["do-not-disrupt", "budget", "finalizer"])
def test_who_holds_a_node_is_named_and_nothing_is_forced(lab: Lab, arrange: Any, why: str) -> None:
    lab.put("NodeClaim", "", "a", metadata=dict(MARKED))
    lab.world.objects[Key("NodeClaim", "", "a")].status = {"nodeName": "ip-1"}
    arrange(lab)
    with pytest.raises(HubError) as stopped:
        lab.look().empty_pools()
    assert "1 of Karpenter's nodes: a on ip-1 (" in stopped.value.what
    assert why in stopped.value.what
    assert "Nothing was forced" in stopped.value.fix
    assert lab.manifest("NodeClaim", "", "a")["metadata"]["finalizers"] == MARKED["finalizers"]


def test_it_goes_on_when_what_held_it_goes(lab: Lab) -> None:
    lab.put("NodeClaim", "", "a", metadata=dict(MARKED))
    body = {"metadata": {"finalizers": None}}
    path = "/apis/karpenter.sh/v1/nodeclaims/a"
    lab.moves = [lambda: lab.api.ask("PATCH", path, "let go", body=body, kind="application/merge-patch+json")]
    lab.look().empty_pools()
    assert lab.names("NodeClaim") == []


def test_without_karpenter_nobody_waits(lab: Lab) -> None:
    lab.put("NodeClaim", "", "a", metadata=dict(MARKED))
    lab.charts = ()
    lab.look().empty_pools()
    assert "karpenter is gone already: the sweep ends the instances of a" in lab.display.said

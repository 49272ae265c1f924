"""Terraform killed with SIGKILL in mid-apply: resources exist, no state does, the lock is held. One more install repairs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests._support.account import contents
from tests._support.processes import kill_tree, wait_until
from tests.engine.conftest import Life, life

pytestmark = [pytest.mark.engine, pytest.mark.slow]


def _buckets(hub: Life) -> bool:
    """`data`: the buckets are there and their lifecycle rules, which take the provider 55 s, are not confirmed."""
    held = contents(hub.session)
    return any(item.startswith("bucket:") and item.endswith("-scratch") for item in held) and any(item.startswith("nat:") for item in held)


def _cluster(hub: Life) -> bool:
    """`cluster`: EKS has the cluster, and its first add-on or role came after."""
    eks: Any = hub.session.client("eks")
    names = eks.list_clusters()["clusters"]
    return bool(names) and bool(eks.list_addons(clusterName=names[0])["addons"])


def _node_groups(hub: Life) -> bool:
    """`cluster`: nodes exist, and the interruption queue is still waiting for its policy."""
    eks: Any = hub.session.client("eks")
    return bool(eks.list_clusters()["clusters"]) and bool(eks.list_nodegroups(clusterName="demo")["nodegroups"])


def _policies(hub: Life) -> bool:
    """`platform`: policies stand in kube-system, and what comes after them does not."""
    return hub.cluster()["objects"] > EMPTY_CLUSTER and not hub.cluster()["releases"]


def _namespace(hub: Life) -> bool:
    """`hub`: its namespace holds something, and the JupyterHub release is not there yet."""
    found = hub.cluster_dump().values()
    return any("jupyterhub" in str(each["metadata"].get("namespace")) for world in found for each in world["objects"]) and not any(
        "jupyterhub" in release for release in hub.cluster()["releases"]
    )


#: A new cluster holds four namespaces and EKS's own storage class.
EMPTY_CLUSTER = 5
POINTS: list[Callable[[Life], bool]] = [_buckets, _cluster, _node_groups, _policies, _namespace]


def _kill_at(hub: Life, reached: Callable[[Life], bool]) -> None:
    process = hub.checkout.start("install", "demo", "--yes")
    wait_until(lambda: reached(hub) or process.poll() is not None, reached.__doc__ or "")
    assert process.poll() is None, process.communicate()
    assert kill_tree(process.pid) >= 3, "the runner, Terraform and its provider"
    process.communicate()


def test_killed_at_five_points_the_next_install_completes(tmp_path: Path, evidence: Any) -> None:
    with life(tmp_path, "demo") as hub:
        for reached in POINTS:
            _kill_at(hub, reached)
            refused = hub.checkout.hub("install", "demo", "--yes", "--json")
            assert refused.code == 1, refused.said
            assert "hub unlock demo" in refused.out + refused.err
            unlocked = hub.checkout.hub("unlock", "demo", "--yes")
            assert unlocked.code == 0, unlocked.said
        done = hub.checkout.hub("install", "demo", "--yes", "--json")
        assert done.code == 0, done.said

        number = Counter(item.partition(":")[0] for item in contents(hub.session))
        assert (number["vpc"], number["nat"], number["cluster"], number["file-system"], number["key"]) == (1, 1, 1, 1, 2), number
        assert (number["subnet"], number["address"], number["gateway"], number["endpoint"]) == (6, 1, 1, 4), number
        calm = hub.checkout.hub("install", "demo", "--plan", "--json")
        assert calm.code == 0, calm.said
        assert hub.faults() == []
        gone = hub.checkout.hub("cleanup", "demo", "--confirm", "demo", "--json")
        assert gone.code == 0, gone.said
        assert gone.json["orphans"] == []
        assert not {"vpc", "cluster", "subnet", "nat", "queue"} & {item.partition(":")[0] for item in contents(hub.session)}
    for reached in POINTS:
        evidence.record(f"killed with SIGKILL in {reached.__doc__}", "faulted", "adopted by tag and name; no duplicate, no orphan")

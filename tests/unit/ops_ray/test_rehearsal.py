"""The verbs' hands on the API of the rehearsal's own cluster, in the words that cluster answers with."""

from __future__ import annotations

from pathlib import Path

import pytest
from kubernetes import client

from modules.ops.cluster_api import ClusterApi, open_cluster
from modules.ops.ray.static import StaticCluster
from modules.ops.target import Target
from tests._support.evidence import Evidence
from tests.unit.cluster.api_support import Served, deployment, served, served_process
from tests.unit.ops_aws.support import ACCOUNT
from tests.unit.ops_ray.conftest import ray_config

__all__ = ["served", "served_process"]


@pytest.fixture
def api(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClusterApi:
    """As every verb gets it for a rehearsal env."""
    monkeypatch.delenv("HUB_KUBECONFIG", raising=False)
    monkeypatch.setattr("modules.ops.cluster_api.rehearsal_kubernetes", lambda root, config: served.url)
    return open_cluster(tmp_path, ray_config("default"), Target({}, {}, None, ACCOUNT, True, "rehearsal"))  # type: ignore[arg-type]


def test_up_and_down(served: Served, api: ClusterApi, evidence: Evidence) -> None:
    hands = StaticCluster(api, "dcv", "default")
    assert hands.look() is None
    for role in ("head", "worker"):
        client.AppsV1Api(served.client).create_namespaced_deployment("dcv", deployment(f"default-ray-{role}", replicas=1))
    assert hands.ask_for(3)
    seen = hands.look()
    assert seen is not None
    assert (seen.is_up, seen.head.wanted, seen.workers.wanted) == (True, 1, 3)
    assert hands.ask_for_none()
    after = hands.look()
    assert after is not None
    assert after.is_gone
    assert client.AppsV1Api(served.client).read_namespaced_deployment("default-ray-worker", "dcv").spec.replicas == 0
    evidence.record("./hub ray", "exercised", "the stand-in cluster's Kubernetes API; no real cluster, and no KubeRay operator")

"""The verbs' client against the API of the rehearsal's own cluster, in the words that cluster answers with."""

from __future__ import annotations

from pathlib import Path

import pytest
from kubernetes import client

from modules.ops.cluster_api import ClusterApi, open_cluster
from modules.ops.target import Target
from tests._support.evidence import Evidence
from tests.unit.cluster.api_support import Served, config_map, deployment, served, served_process
from tests.unit.ops_aws.support import ACCOUNT
from tests.unit.ops_desktop.conftest import desktop_config

__all__ = ["served", "served_process"]

MAP, SEATS = ("dcv", "dcv-agent-config-map"), ("dcv", "dcv-seats")


@pytest.fixture
def api(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClusterApi:
    """As every verb gets it for a rehearsal env."""
    monkeypatch.delenv("HUB_KUBECONFIG", raising=False)
    monkeypatch.setattr("modules.ops.cluster_api.rehearsal_kubernetes", lambda root, config: served.url)
    nothing = Target({}, {}, None, ACCOUNT, True, "rehearsal")  # type: ignore[arg-type]
    return open_cluster(tmp_path, desktop_config(), nothing)


def test_the_board_and_the_seats(served: Served, api: ClusterApi, evidence: Evidence) -> None:
    evidence.record("./hub desktop", "exercised", "the stand-in cluster's Kubernetes API, and a fake one by TLS; no real cluster")
    client.CoreV1Api(served.client).create_namespaced_config_map("dcv", config_map(MAP[1], display=":0"))
    client.AppsV1Api(served.client).create_namespaced_deployment("dcv", deployment(SEATS[1], replicas=1))
    assert api.config_map(*MAP) == {"display": ":0"}
    assert api.scale(*SEATS, 3)
    found = api.replicas(*SEATS)
    assert found is not None
    assert found.wanted == 3
    assert api.scale(*SEATS, 0)
    assert client.AppsV1Api(served.client).read_namespaced_deployment(SEATS[1], "dcv").spec.replicas == 0


def test_nothing_there(api: ClusterApi) -> None:
    assert api.config_map(*MAP) is None
    assert api.replicas(*SEATS) is None
    assert not api.scale(*SEATS, 1)

"""Any call of a cluster's API: what is sent, what comes back, and a refusal in words."""

from __future__ import annotations

import pytest
from kubernetes.client import ApiClient, Configuration

from modules.common.errors import HubError
from modules.ops.cluster_api import ClusterApi
from modules.ops.failures.kubernetes import Door
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_desktop.fake_cluster import SEATS, FakeCluster, serve


def api(cluster: FakeCluster) -> ClusterApi:
    return ClusterApi(ApiClient(Configuration(host=cluster.url, api_key={"authorization": "Bearer t"}, retries=0)), Door(make_config()))


def test_what_is_sent_and_what_comes_back() -> None:
    with serve(FakeCluster()) as cluster:
        body = {"spec": {"replicas": 3}}
        answer = api(cluster).ask("PATCH", f"{SEATS}/scale", "scale it", body=body, kind="application/merge-patch+json")
        assert b'"replicas": 3' in (answer or b"")
        assert cluster.calls == [("PATCH", f"{SEATS}/scale", "Bearer t", body)]
        assert api(cluster).ask("GET", "/metrics", "read the metrics") is None


@pytest.mark.parametrize(("status", "words"), [(403, "forbids it (no)"), (401, "does not know"), (500, "answered 500 (no)")])
def test_a_refusal(status: int, words: str) -> None:
    with serve(FakeCluster(refuse=(status, "no"))) as cluster, pytest.raises(HubError) as refused:
        api(cluster).ask("GET", "/metrics", "read the metrics")
    assert "could not read the metrics" in str(refused.value)
    assert words in str(refused.value)

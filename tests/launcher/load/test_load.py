"""Many processes, and many callers at once, on loopback. Calls are counted; times are recorded, never judged."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from modules.launcher.protocols import Rules
from modules.rehearsal.cluster.api.answers import Request
from tests._support.evidence import Evidence
from tests.launcher.fake_kubernetes import Cluster
from tests.launcher.lab import spec
from tests.launcher.load.crowd import crowd
from tests.launcher.service import served

ONE_LIST = {"GET deployments": 1, "GET services": 1, "GET pods": 1, "GET nodes": 1}


def timed(call: Callable[[], object]) -> float:
    """Milliseconds."""
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def told(times: list[float]) -> str:
    """p50 and p99 of some times, in words."""
    ranked = sorted(times)
    return f"p50 {ranked[len(ranked) // 2]:.0f} ms, p99 {ranked[min(len(ranked) - 1, round(len(ranked) * 0.99))]:.0f} ms"


def straight(cluster: Cluster) -> None:
    """What the stand-in does for one list, without HTTP and without the launcher."""
    for path in ("/apis/apps/v1/namespaces/default/deployments", "/api/v1/namespaces/default/services", "/api/v1/namespaces/default/pods"):
        answer = cluster.answer(Request("GET", path, {"labelSelector": "hydroplane/process-id"}))
        assert answer is not None
        assert answer.body
    cluster.answer(Request("GET", "/api/v1/nodes"))


@pytest.mark.parametrize("processes", [1, 20])
def test_listing_asks_the_cluster_four_things_however_many_processes_there_are(processes: int) -> None:
    with served(crowd(processes, 3)) as service, service.client() as client:
        assert len(client.get("/process").json()) == processes
        assert service.cluster.counted() == ONE_LIST


@pytest.mark.slow
def test_a_list_of_2000_processes_on_300_nodes(evidence: Evidence, capsys: pytest.CaptureFixture[str]) -> None:
    with served(crowd(2000, 300)) as service, service.client() as client:
        found = client.get("/process").json()
        assert (len(found), {each["status"] for each in found}) == (2000, {"RUNNING"})
        assert len({(each["socket_addresses"][0]["host"], each["socket_addresses"][0]["port"]) for each in found}) == 2000
        assert service.cluster.counted() == ONE_LIST
        service.cluster.calls.clear()
        assert len(client.get("/group/g3").json()) == 200
        assert service.cluster.counted() == ONE_LIST
        times = [timed(lambda: client.get("/process")) for _ in range(10)]
        raw = [timed(lambda: straight(service.cluster)) for _ in range(5)]
    with capsys.disabled():
        print(f"\n2,000 processes on 300 nodes listed in {told(times)}; of that the stand-in cluster's own part is {told(raw)}")
    evidence.record("launcher: list", "exercised", "2,000 processes on 300 nodes in four calls of the cluster's API; stand-in cluster")


@pytest.mark.slow
def test_50_starts_at_once(evidence: Evidence, capsys: pytest.CaptureFixture[str]) -> None:
    with served(Cluster(schemas=False)) as service, service.client() as client, ThreadPoolExecutor(50) as pool:
        codes: Counter[int] = Counter()

        def start(index: int) -> float:
            return timed(lambda: codes.update([client.post("/process", json=spec(f"p{index}", 80, public=True)).status_code]))

        times = list(pool.map(start, range(50)))
        assert codes == {201: 50}
        assert service.cluster.counted() == {"POST deployments": 50, "POST services": 50}
        found = client.get("/process").json()
        assert {each["status"] for each in found} == {"RUNNING"}
        assert len({each["socket_addresses"][0]["port"] for each in found}) == 50
    with capsys.disabled():
        print(f"\n50 starts at once: {told(times)}, the stand-in cluster's own time included")
    evidence.record("launcher: 50 starts at once", "exercised", "two calls of the cluster's API each; stand-in cluster")


@pytest.mark.slow
def test_one_name_started_by_20_at_once_is_started_once() -> None:
    with served(Cluster(schemas=False)) as service, service.client() as client, ThreadPoolExecutor(20) as pool:
        codes = Counter(pool.map(lambda _: client.post("/process", json=spec("x", 80)).status_code, range(20)))
        assert codes == {201: 1, 409: 19}
        assert (service.cluster.names("Deployment"), service.cluster.names("Service")) == (["x"], ["x"])
        assert client.get("/process").json()[0]["status"] == "RUNNING"


@pytest.mark.slow
def test_a_quota_holds_when_all_come_at_once() -> None:
    with served(Cluster(schemas=False), Rules(quota=5)) as service, service.client() as client, ThreadPoolExecutor(20) as pool:
        codes = Counter(pool.map(lambda index: client.post("/process", json=spec(f"p{index}", 80)).status_code, range(20)))
        assert codes == {201: 5, 429: 15}
        assert len(service.cluster.names("Deployment")) == 5

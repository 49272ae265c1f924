"""What the server allows: how many, how long, where, and what everybody may reach."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from modules.launcher.errors import Conflict, Forbidden, Invalid, LauncherError, TooMany
from modules.launcher.protocols import Pool
from tests.launcher.fake_kubernetes import Cluster, Fault
from tests.launcher.unit.conftest import Make
from tests.launcher.unit.wanted import ADMIN, ANN, BOB, process


@pytest.mark.parametrize(
    ("rules", "spec", "error", "text"),
    [
        ({"public_allowed": False}, {"has_public_ip": True}, Forbidden, "public processes are not allowed"),
        ({}, {"namespace": "kube-system"}, Forbidden, 'namespace "kube-system" is not allowed here (allowed: default)'),
        ({}, {"service_account": "admin"}, Forbidden, 'service_account "admin" is not allowed here (allowed: default)'),
        ({"max_age": timedelta(hours=1)}, {"ttl_minutes": 61}, Invalid, "ttl_minutes: 61 is more than the 60"),
        ({"pool": Pool({"pool": "a"})}, {"container": {"node_selector": {"pool": "b"}}}, Forbidden, 'processes run where it is "a"'),
    ],
)
def test_not_here(cluster: Cluster, make: Make, rules: dict[str, Any], spec: dict[str, Any], error: type[LauncherError], text: str) -> None:
    with pytest.raises(error) as refused:
        make(**rules).start(process(**spec), ANN)
    assert text in refused.value.details
    assert cluster.calls == []


def test_a_public_process_goes_to_its_own_pool(cluster: Cluster, make: Make) -> None:
    cluster.node("edge", external="203.0.113.7", internal="10.0.9.1", labels={"pool": "edge"}, taint="public=yes:NoSchedule")
    cluster.node("plain", internal="10.0.9.2", labels={"pool": "plain"})
    edge = Pool({"pool": "edge"}, ({"key": "public", "operator": "Exists"},))
    runtime = make(pool=Pool({"pool": "plain"}), public_pool=edge)
    runtime.start(process("open", has_public_ip=True), ANN)
    runtime.start(process("closed"), ANN)
    closed, opened = runtime.find(ANN)
    assert [(each.host, each.is_public) for each in opened.socket_addresses] == [("203.0.113.7", True)]
    assert [each.is_public for each in closed.socket_addresses] == [False]


def test_a_name_is_one_process_in_all_namespaces(cluster: Cluster, make: Make) -> None:
    runtime = make(namespaces=("default", "other"))
    runtime.start(process("web", namespace="other"), ANN)
    with pytest.raises(Conflict, match='A deployment named "web" already exists'):
        runtime.start(process("web"), BOB)
    runtime.start(process("second"), ANN)
    assert [each.process_name for each in runtime.find(ANN)] == ["second", "web"]
    runtime.stop("web", ANN)
    assert cluster.names("Deployment") == ["second"]


def test_as_many_as_one_may_have(make: Make) -> None:
    runtime = make(quota=2)
    for name in ("a", "b"):
        runtime.start(process(name), ANN)
    with pytest.raises(TooMany, match="ann has 2 processes already"):
        runtime.start(process("c"), ANN)
    runtime.start(process("c"), BOB)
    for name in ("d", "e", "f"):
        runtime.start(process(name), ADMIN)
    runtime.stop("a", ANN)
    runtime.start(process("g"), ANN)


def test_many_at_the_same_moment_are_counted(cluster: Cluster, make: Make) -> None:
    runtime, refused, ready = make(quota=3), list[str](), threading.Barrier(8)

    def start(name: str) -> None:
        ready.wait()
        try:
            runtime.start(process(name), ANN)
        except TooMany:
            refused.append(name)

    threads = [threading.Thread(target=start, args=(f"p{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(cluster.names("Deployment")), len(refused)) == (3, 5)


def test_a_failed_start_takes_no_room(cluster: Cluster, make: Make) -> None:
    runtime = make(quota=1)
    cluster.faults.append(Fault("POST */services", 422))
    with pytest.raises(Invalid):
        runtime.start(process("a"), ANN)
    runtime.start(process("b"), ANN)
    assert cluster.names("Deployment") == ["b"]


@pytest.mark.parametrize(("is_public", "calls"), [(True, 4), (False, 3)])
def test_a_list_takes_as_many_calls_for_one_process_as_for_forty(cluster: Cluster, make: Make, is_public: bool, calls: int) -> None:
    runtime = make()
    for number in range(40):
        runtime.start(process(f"p{number:02}", has_public_ip=is_public), ANN)
        if number in (0, 39):
            cluster.calls.clear()
            assert len(runtime.find(ANN)) == number + 1
            assert len(cluster.calls) == calls


def test_nodes_that_cannot_be_listed_hide_no_process(cluster: Cluster, make: Make) -> None:
    runtime = make()
    runtime.start(process("open", has_public_ip=True), ANN)
    runtime.start(process("closed"), ANN)
    cluster.faults.append(Fault("GET */nodes*", 403, times=0))
    assert [(each.process_name, each.status) for each in runtime.find(ANN)] == [("closed", "RUNNING"), ("open", "UNREACHABLE")]


def test_a_passing_failure_of_a_list_is_not_the_callers(cluster: Cluster, make: Make) -> None:
    runtime = make()
    runtime.start(process(), ANN)
    cluster.faults += [Fault("GET */pods*", 0), Fault("GET */services*", 503)]
    assert [each.process_name for each in runtime.find(ANN)] == ["web"]


@pytest.mark.parametrize(
    ("code", "becomes"), [(400, 503), (401, 503), (403, 403), (404, 503), (409, 503), (422, 503), (429, 429), (500, 503)]
)
def test_a_list_fails_as_the_cluster_does_not_as_a_process_would(cluster: Cluster, make: Make, code: int, becomes: int) -> None:
    cluster.faults.append(Fault("GET */deployments*", code, times=0))
    with pytest.raises(LauncherError) as refused:
        make().find(ANN)
    assert refused.value.status == becomes


def test_ready_when_the_cluster_is(cluster: Cluster, make: Make) -> None:
    runtime = make()
    runtime.ready()
    cluster.faults.append(Fault("GET *", 401, times=0))
    with pytest.raises(LauncherError, match="does not accept the launcher's own credentials"):
        runtime.ready()

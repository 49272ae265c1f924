"""Stopping removes whatever is there of a process, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from modules.launcher.errors import Conflict, Forbidden, LauncherError, NotFound, Unavailable
from tests.launcher.fake_kubernetes import Cluster, Fault
from tests.launcher.unit.conftest import Clock, Make
from tests.launcher.unit.wanted import ADMIN, ANN, BOB, FULL, process


def test_nothing_is_left(cluster: Cluster, make: Make) -> None:
    runtime = make()
    runtime.start(process(**FULL), ANN)
    runtime.stop("web", ANN)
    assert [cluster.names(kind) for kind in ("Deployment", "Service", "Secret", "Pod")] == [[], [], [], []]
    with pytest.raises(NotFound, match="Process 'web' not found"):
        runtime.stop("web", ANN)


@pytest.mark.parametrize("kind", ["Deployment", "Service"])
def test_half_a_process_is_found(cluster: Cluster, make: Make, kind: str) -> None:
    """Hydroplane answers 404 when the Deployment is gone, and its Service stays for good."""
    runtime = make()
    runtime.start(process(), ANN)
    cluster.held("Service", "web").manifest["metadata"].pop("ownerReferences")
    cluster.remove(kind, "web")
    [found] = runtime.find(ANN)
    assert (found.status, found.reason) == (
        ("FAILED", "its Deployment is gone; stopping the process removes the rest")
        if kind == "Deployment"
        else ("UNREACHABLE", "its Service is gone; start the process again")
    )
    runtime.stop("web", ANN)
    assert (cluster.names("Deployment"), cluster.names("Service")) == ([], [])


@pytest.mark.parametrize("name", ["none", "a,hydroplane/process-id", "", "A", "x" * 64, "../secrets/x", "web\n"])
def test_a_name_that_is_none_touches_nothing(cluster: Cluster, make: Make, name: str) -> None:
    runtime = make()
    runtime.start(process(), ANN)
    with pytest.raises(NotFound):
        runtime.stop(name, ADMIN)
    with pytest.raises(NotFound):
        runtime.logs(name, ADMIN, 10)
    assert cluster.names("Deployment") == ["web"]


def test_what_vanishes_meanwhile_is_no_error(cluster: Cluster, make: Make) -> None:
    runtime = make()
    runtime.start(process(), ANN)
    cluster.faults += [Fault("DELETE */services/*", 404), Fault("DELETE */deployments/*", 409)]
    runtime.stop("web", ANN)
    assert cluster.names("Deployment") == ["web"]


def test_one_that_stays_does_not_keep_the_other(cluster: Cluster, make: Make) -> None:
    runtime = make()
    runtime.start(process(), ANN)
    broken = Fault("DELETE */services/*", 500, times=0)
    cluster.faults.append(broken)
    cluster.held("Service", "web").manifest["metadata"].pop("ownerReferences")
    with pytest.raises(Unavailable):
        runtime.stop("web", ANN)
    assert (cluster.names("Deployment"), cluster.names("Service")) == ([], ["web"])
    cluster.faults.remove(broken)
    runtime.stop("web", ANN)
    assert cluster.names("Service") == []


def test_somebody_elses_stays(cluster: Cluster, make: Make) -> None:
    runtime = make()
    runtime.start(process("web", group="g"), ANN)
    runtime.start(process("other", group="g"), BOB)
    for refused in (lambda: runtime.stop("web", BOB), lambda: runtime.logs("web", BOB, 10)):
        with pytest.raises(Forbidden, match="not yours"):
            refused()
    assert [each.process_name for each in runtime.find(BOB)] == ["other"]
    assert [each.process_name for each in runtime.find(ADMIN)] == ["other", "web"]
    runtime.stop_group("g", BOB)
    assert cluster.names("Deployment") == ["web"]
    runtime.stop_group("g", ADMIN)
    assert cluster.names("Deployment") == []


@pytest.mark.parametrize("group", ["none", "a b", "a,b", ""])
def test_a_group_without_processes_is_no_error(cluster: Cluster, make: Make, group: str) -> None:
    runtime = make()
    runtime.start(process(group="g"), ANN)
    runtime.stop_group(group, ADMIN)
    assert runtime.find(ADMIN, group) == []
    assert [each.process_name for each in runtime.find(ADMIN, "g")] == ["web"]


@pytest.mark.parametrize(
    ("rules", "spec", "later", "gone"),
    [
        ({}, {}, timedelta(days=365), False),
        ({}, {"ttl_minutes": 5}, timedelta(minutes=4), False),
        ({}, {"ttl_minutes": 5}, timedelta(minutes=6), True),
        ({"max_age": timedelta(hours=1)}, {}, timedelta(minutes=59), False),
        ({"max_age": timedelta(hours=1)}, {}, timedelta(minutes=61), True),
        ({"max_age": timedelta(hours=1)}, {"ttl_minutes": 5}, timedelta(minutes=6), True),
    ],
)
def test_its_time_comes(
    cluster: Cluster, make: Make, clock: Clock, rules: dict[str, timedelta], spec: dict[str, int], later: timedelta, gone: bool
) -> None:
    runtime = make(**rules)
    runtime.start(process(**spec), ANN)
    assert runtime.cull(clock() + later) == (["web"] if gone else [])
    assert cluster.names("Deployment") == ([] if gone else ["web"])


def test_a_process_of_before_is_judged_by_its_age(cluster: Cluster, make: Make, clock: Clock) -> None:
    """Hydroplane wrote no time on what it started."""
    make().start(process(), ANN)
    assert "hydroplane/expires" not in cluster.object("Deployment", "web")["metadata"]["annotations"]
    assert make(max_age=timedelta(hours=1)).cull(clock() + timedelta(hours=2)) == ["web"]


def test_one_that_cannot_be_removed_does_not_keep_the_others(cluster: Cluster, make: Make, clock: Clock) -> None:
    runtime = make()
    for name in ("a", "b", "c"):
        runtime.start(process(name, ttl_minutes=1), ANN)
    cluster.faults.append(Fault("DELETE */b", 500, times=0))
    with pytest.raises(LauncherError):
        runtime.cull(clock() + timedelta(hours=1))
    assert cluster.names("Deployment") == ["b"]


def test_logs(cluster: Cluster, make: Make) -> None:
    runtime = make()
    runtime.start(process(), ANN)
    cluster.logs["web"] = "one\ntwo\nthree\n"
    assert runtime.logs("web", ANN, 2) == "two\nthree\n"
    asked = cluster.calls[-1].query
    assert asked == {"container": "web", "tailLines": "2", "limitBytes": "1048576", "previous": "false"}


def test_no_logs_yet(cluster: Cluster, make: Make) -> None:
    runtime = make()
    cluster.scheduling = False
    runtime.start(process(), ANN)
    with pytest.raises(Conflict, match="no such log yet"):
        runtime.logs("web", ANN, 2)
    cluster.remove("Pod", cluster.names("Pod")[0])
    with pytest.raises(Conflict, match="no pod yet"):
        runtime.logs("web", ANN, 2)

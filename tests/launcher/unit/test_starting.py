"""A process is started wholly or not at all, whatever the cluster does half-way."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from modules.launcher.errors import Conflict, Invalid, LauncherError, TooMany, Unavailable
from modules.launcher.protocols import Pool
from tests.launcher.fake_kubernetes import Cluster, Fault
from tests.launcher.unit.conftest import Clock, Make
from tests.launcher.unit.wanted import ANN, FULL, process

KINDS = ("Deployment", "Service", "Secret", "Pod")
DEPLOYMENTS, SECRETS, SERVICES = "POST */deployments", "POST */secrets", "POST */services"


def left(cluster: Cluster) -> list[str]:
    return [name for kind in KINDS for name in cluster.names(kind)]


def test_all_objects_of_a_process(cluster: Cluster, make: Make) -> None:
    make().start(process(**FULL), ANN)
    deployment = cluster.object("Deployment", "web")
    env, pull = cluster.names("Secret")
    owner = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": deployment["metadata"]["uid"]}]
    for kind, name in (("Service", "web"), ("Secret", env), ("Secret", pull)):
        assert cluster.object(kind, name)["metadata"]["ownerReferences"] == owner
    pod = deployment["spec"]["template"]["spec"]
    assert pod["imagePullSecrets"] == [{"name": pull}]
    assert pod["containers"][0]["env"] == [{"name": "A", "valueFrom": {"secretKeyRef": {"name": env, "key": "A"}}}]
    assert cluster.object("Secret", env)["data"] == {"A": base64.b64encode(b"s3cret").decode()}
    login = json.loads(base64.b64decode(cluster.object("Secret", pull)["data"][".dockerconfigjson"]))
    token = base64.b64encode("ann:pässword".encode()).decode()
    assert login == {"auths": {"https://index.docker.io/v1/": {"username": "ann", "password": "pässword", "auth": token}}}


def test_the_cluster_judges_the_objects_good(make: Make, cluster: Cluster) -> None:
    """With every field set, against Kubernetes' published schemas and its rules; the one slow comparison of these tests."""
    judging = Cluster("default", schemas=True)
    cluster._api, cluster.world = judging._api, judging.world
    taint = {"key": "public", "operator": "Exists", "effect": "NoSchedule"}
    container = {
        **FULL["container"],
        "command": ["sleep", "inf"],
        "resource_request": {"cpu_vcpu": "0.25", "memory_mib": 256},
        "resource_limit": {"cpu_vcpu": "1.5"},
        "ports": [{"container_port": 53, "protocol": "udp", "name": "dns"}, {"container_port": 53}],
    }
    wanted = process(group="g", has_public_ip=True, ttl_minutes=5, container=container)
    make(pool=Pool({"pool": "x"}, (taint,)), run_as_non_root=True).start(wanted, ANN)
    assert len(left(cluster)) == 5


def test_no_ports_no_service_and_no_orphan(cluster: Cluster, make: Make) -> None:
    make().start(process(ports=()), ANN)
    assert (cluster.names("Deployment"), cluster.names("Service")) == (["web"], [])


@pytest.mark.parametrize("request_", [DEPLOYMENTS, SECRETS, SERVICES])
@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"code": 500}, 503),
        ({"code": 500, "done": True}, 503),
        ({"code": 0}, 503),
        ({"code": 0, "done": True}, 503),
        ({"code": 403}, 403),
        ({"code": 422}, 422),
        ({"code": 429, "retry_after": "1"}, 429),
        ({"code": 409}, 409),
    ],
)
def test_half_a_process_is_taken_back(cluster: Cluster, make: Make, request_: str, fault: dict[str, Any], status: int) -> None:
    cluster.faults.append(Fault(request_, **fault))
    with pytest.raises(LauncherError) as refused:
        make().start(process(**FULL), ANN)
    assert refused.value.status == status
    assert left(cluster) == []
    make().start(process(**FULL), ANN)
    assert cluster.names("Service") == ["web"]


@pytest.mark.parametrize(
    ("what", "times"),
    [("DELETE *", 2), ("DELETE */deployments/*", 3), ("GET */services*", 2), ("GET *", 3)],
)
def test_taking_back_is_tried_again(cluster: Cluster, make: Make, clock: Clock, what: str, times: int) -> None:
    cluster.faults += [Fault(SERVICES, 422), Fault(what, 503, times=times, retry_after="1")]
    with pytest.raises(Invalid):
        make().start(process(), ANN)
    assert left(cluster) == []
    assert len(clock.slept) == times


def test_what_cannot_be_taken_back_is_told_and_taken_back_later(cluster: Cluster, make: Make, clock: Clock) -> None:
    broken = Fault("DELETE *", 500, times=0)
    cluster.faults += [Fault(SERVICES, 422), broken]
    runtime = make()
    with pytest.raises(Unavailable, match=r'the test wants it so\. What was made of "web" could not be removed yet'):
        runtime.start(process(), ANN)
    assert cluster.names("Deployment") == ["web"]
    runtime.cull(clock())
    assert cluster.names("Deployment") == ["web"]
    cluster.faults.remove(broken)
    runtime.cull(clock())
    assert left(cluster) == []


def test_what_arrives_late_is_taken_back_in_the_next_round(cluster: Cluster, make: Make, clock: Clock) -> None:
    """The cluster does what it did not answer, after the launcher has looked and found nothing."""
    cluster.faults.append(Fault(DEPLOYMENTS, 0, late=True))
    runtime = make()
    with pytest.raises(Unavailable):
        runtime.start(process(), ANN)
    assert left(cluster) == []
    cluster.arrive()
    assert cluster.names("Deployment") == ["web"]
    runtime.cull(clock())
    assert left(cluster) == []


def test_what_arrives_late_is_not_in_the_way_of_another_try(cluster: Cluster, make: Make, clock: Clock) -> None:
    cluster.faults.append(Fault(DEPLOYMENTS, 0, late=True))
    runtime = make()
    with pytest.raises(Unavailable):
        runtime.start(process(), ANN)
    cluster.arrive()
    runtime.start(process(), ANN)
    runtime.cull(clock())
    assert (cluster.names("Deployment"), cluster.names("Service")) == (["web"], ["web"])


@pytest.mark.parametrize("kind", ["deployment", "service"])
def test_a_name_in_use(cluster: Cluster, make: Make, kind: str) -> None:
    runtime = make()
    runtime.start(process(), ANN)
    if kind == "service":
        # Its Service outlives it, as happens when somebody deletes with --cascade=orphan.
        cluster.held("Service", "web").manifest["metadata"].pop("ownerReferences")
        cluster.remove("Deployment", "web")
    before = left(cluster)
    with pytest.raises(Conflict) as refused:
        runtime.start(process(), ANN)
    assert refused.value.details == f'A {kind} named "web" already exists'
    assert left(cluster) == before


def test_a_namespace_that_is_not_there_is_no_missing_process(make: Make) -> None:
    with pytest.raises(Unavailable, match='namespace "nowhere"'):
        make(namespaces=("nowhere",)).start(process(), ANN)


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ({"secret_name": "none"}, 'there is no secret "none" in the launcher\'s store'),
        ({"secret_name": "registry", "key": "none"}, 'the secret "registry" has no key "none"'),
    ],
)
def test_a_secret_that_is_not_there(cluster: Cluster, make: Make, secret: dict[str, str], text: str) -> None:
    with pytest.raises(Invalid) as refused:
        make().start(process(container={"env": [{"name": "A", "value": secret}]}), ANN)
    assert refused.value.details == text
    # The store's own words hold the secret.
    assert refused.value.__cause__ is None
    assert cluster.calls == []


def test_a_mistake_of_ours_leaves_nothing_either(cluster: Cluster, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr("modules.launcher.runtime.starting.manifests.service", broken)
    with pytest.raises(RuntimeError):
        make().start(process(), ANN)
    assert left(cluster) == []


def test_the_cluster_asks_for_patience_and_the_caller_is_told_for_how_long(cluster: Cluster, make: Make) -> None:
    cluster.faults.append(Fault(DEPLOYMENTS, 429, retry_after="7"))
    with pytest.raises(TooMany) as refused:
        make().start(process(), ANN)
    assert refused.value.retry_after == 7

"""Before Terraform: who is told, what ends, what stays, and what happens when something does not go."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from modules.common import launcher
from modules.common.errors import HubError
from modules.ops.teardown.freeze import BEFORE, look
from modules.rehearsal.cluster.world import Key
from tests.unit.ops_teardown.conftest import HUB, SYSTEM, Lab

PROCESS = {"labels": {launcher.PROCESS_LABEL: "p1"}, "annotations": {launcher.OWNER: "ada"}}
PORTS = {"type": "LoadBalancer", "ports": [{"port": 80}]}
HELM = {"meta.helm.sh/release-name": "jupyterhub", "meta.helm.sh/release-namespace": HUB}


def test_an_untouched_cluster_costs_nothing_and_says_nothing(lab: Lab) -> None:
    before = dict(lab.world.objects)
    found = lab.look()
    found.run()
    found.empty_pools()
    assert (found.lines, lab.display.said, lab.world.objects) == ([], [], before)


def _people(lab: Lab) -> None:
    lab.hub()
    lab.pod("hub-0", owner="ReplicaSet", component="hub")
    for user in ("ada", "bob"):
        lab.pod(f"jupyter-{user}", component="singleuser-server")
        lab.put("PersistentVolumeClaim", HUB, f"claim-{user}", spec={"accessModes": ["ReadWriteOnce"]})
    lab.pod("dask-1", **{"gateway.dask.org/cluster": "c1", "app.kubernetes.io/name": "dask-gateway"})
    lab.put("DaskCluster", HUB, "c1")
    lab.put("RayCluster", HUB, "mine")
    lab.put("RayCluster", HUB, "ours", metadata={"annotations": HELM})
    lab.put("Deployment", HUB, "run", metadata=PROCESS)
    lab.put("Service", HUB, "run", metadata=PROCESS, spec={"ports": [{"port": 80}]})


def test_people_are_told_first_and_then_ended_while_their_volumes_stay(lab: Lab) -> None:
    _people(lab)
    found = lab.look(cluster=False)
    told = ["1 Dask cluster: c1", "1 Ray cluster: mine", "1 process: run of ada", "1 Dask pod: dask-1", "2 notebooks: ada, bob"]
    assert found.lines == told
    assert lab.names("Pod") == ["dask-1", "hub-0", "jupyter-ada", "jupyter-bob"], "looking ends nothing"
    found.run()
    assert lab.names("Pod") == ["hub-0"]
    assert lab.names("PersistentVolumeClaim") == ["claim-ada", "claim-bob"]
    assert (lab.names("RayCluster"), lab.names("DaskCluster"), lab.names("Service")) == (["ours"], [], [])
    hub = lab.manifest("Deployment", HUB, "hub")
    assert (hub["spec"]["replicas"], hub["metadata"]["annotations"][BEFORE]) == (0, "1")
    assert lab.display.said[-1].startswith("freeze: the hub is stopped; ")
    lab.look(cluster=False).run()
    assert lab.manifest("Deployment", HUB, "hub")["metadata"]["annotations"][BEFORE] == "1", "a second run forgets nothing"


@pytest.mark.parametrize(("cluster", "left"), [(False, ["jupyter-eve"]), (True, [])])
def test_another_teams_work_ends_only_with_the_cluster(lab: Lab, cluster: bool, left: list[str]) -> None:
    lab.pod("jupyter-eve", namespace="team", component="singleuser-server")
    lab.look(cluster=cluster).run()
    assert lab.names("Pod") == left


FRONTS = [
    ("Service", HUB, {"spec": PORTS}, True),
    ("Service", HUB, {"spec": {"ports": [{"port": 80}]}}, False),
    ("Service", HUB, {"spec": PORTS, "metadata": {"annotations": HELM}}, False),
    ("Service", "team", {"spec": PORTS}, False),
    ("Ingress", HUB, {"spec": {"ingressClassName": "alb"}}, True),
    ("Service", HUB, {"spec": {}, "metadata": {"finalizers": ["service.k8s.aws/resources"]}}, True),
]


@pytest.mark.parametrize(("kind", "namespace", "body", "goes"), FRONTS, ids=["by-hand", "inner", "helm", "elsewhere", "ingress", "was-one"])
def test_only_load_balancers_made_by_hand_where_something_goes(
    lab: Lab, kind: str, namespace: str, body: dict[str, Any], goes: bool
) -> None:
    _controller(lab)
    lab.put(kind, namespace, "mine", **{**body, "metadata": dict(body.get("metadata", {}))})
    lab.put("Service", HUB, "own", spec=PORTS)
    found = lab.look(cluster=False)
    assert bool(found.lines) is goes
    found.run()
    assert ("mine" in lab.names(kind)) is not goes
    assert "own" in lab.names("Service"), "Terraform's goes with its stack"


def _controller(lab: Lab) -> None:
    from modules.rehearsal.cluster.world import Release

    name = "aws-load-balancer-controller"
    lab.world.releases[SYSTEM, name] = Release(name, SYSTEM, name, "1", "{}", 1, 0, 0)


def test_a_load_balancer_that_stays_is_named_with_who_holds_it(lab: Lab) -> None:
    _controller(lab)
    lab.put("Service", "team", "web", spec=PORTS, metadata={"finalizers": ["example.com/hold"]})
    with pytest.raises(HubError) as stopped:
        lab.look().run()
    assert "after 7" in stopped.value.what
    assert "Service team/web (an unknown program has not taken off example.com/hold)" in stopped.value.what


def test_without_its_controller_nobody_waits(lab: Lab) -> None:
    lab.charts = ()
    lab.put("Service", "team", "web", spec={}, metadata={"finalizers": ["service.k8s.aws/resources"]})
    lab.look().run()
    assert any("aws-load-balancer-controller is gone already" in line for line in lab.display.said)


def test_a_cluster_that_does_not_answer_is_a_note_and_nothing_else(lab: Lab) -> None:
    def closed() -> Any:
        raise HubError("the API of lab does not answer", fix="wait")

    found = look(lab.config, boto3.Session(region_name="us-east-2"), lab.display, lab.states(), closed)
    found.run()
    found.empty_pools()
    assert found.lines == []
    assert found.explained() == ()
    assert lab.display.said == ["nothing is stopped in the cluster first: the API of lab does not answer. Terraform and the sweep go on"]


def test_where_nothing_is_in_a_cluster_none_is_opened(lab: Lab) -> None:
    def never() -> Any:
        raise AssertionError("opened")

    assert look(lab.config, boto3.Session(region_name="us-east-2"), lab.display, (), never).lines == []
    assert lab.display.said == []


def test_a_server_that_hangs_is_named(lab: Lab) -> None:
    lab.pod("jupyter-ada", component="singleuser-server")
    lab.manifest("Pod", HUB, "jupyter-ada")["metadata"]["finalizers"] = ["example.com/hold"]
    with pytest.raises(HubError, match="jupyterhub/jupyter-ada"):
        lab.look(cluster=False).run()
    assert Key("Pod", HUB, "jupyter-ada") in lab.world.objects, "nothing is forced"


def test_a_server_that_hangs_goes_with_the_cluster(lab: Lab) -> None:
    lab.hub()
    lab.pod("jupyter-ada", component="singleuser-server")
    lab.manifest("Pod", HUB, "jupyter-ada")["metadata"]["finalizers"] = ["example.com/hold"]
    lab.look().run()
    assert lab.display.said[-2].startswith("after 7")
    assert lab.display.said[-2].endswith("1 servers are ending (jupyterhub/jupyter-ada): they go with the cluster")
    assert lab.display.said[-1] == "freeze: the hub is stopped; 1 things of people ended", "and the rest is done"


def test_a_cluster_that_refuses_to_tell_is_no_reason_to_go_on(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.pod("jupyter-ada", component="singleuser-server")
    lab.manifest("Pod", HUB, "jupyter-ada")["metadata"]["finalizers"] = ["example.com/hold"]
    found = lab.look()

    def refuses() -> None:
        def no(*_: Any) -> Any:
            raise HubError("the cluster forbids it", fix="ask")

        monkeypatch.setattr("modules.ops.teardown.freeze.at_work", no)

    lab.moves = [refuses]
    with pytest.raises(HubError, match="forbids"):
        found.run()

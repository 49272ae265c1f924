"""./hub ray against a cluster inside this process: what the verbs say, change and refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.ray import leave, waiting
from modules.ops.ray.change import Manner, down, scale, up
from modules.ops.ray.check import check
from modules.ops.ray.status import status
from modules.ops.ray.waiting import Patience
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_ray.conftest import ray_config
from tests.unit.ops_ray.fake_cluster import FakeCluster

AT_ONCE = Patience(seconds=0.0, pause=0.0)
ROOT = Path("/nowhere")
ASK = Manner(wait=False)


@pytest.fixture
def two(install: Callable[[HubConfig], None], cluster: FakeCluster) -> HubConfig:
    """Two static clusters of four workers, both up."""
    config = ray_config("default", "big")
    install(config)
    cluster.add_static("default")
    cluster.add_static("big")
    return config


@pytest.fixture
def grown(install: Callable[[HubConfig], None], cluster: FakeCluster) -> HubConfig:
    """One cluster of the operator's, from one to eight workers."""
    config = ray_config(auto={"kind": "kuberay", "workers": 1, "max_workers": 8})
    install(config)
    return config


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The one JSON object."""
    (line,) = capsys.readouterr().out.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_status_of_several(two: HubConfig, cluster: FakeCluster, capsys: pytest.CaptureFixture[str]) -> None:
    cluster.add_static("big", head=0, workers=0)
    assert status(ROOT, two, "", as_json=False) == 0
    text = capsys.readouterr().out
    assert "lab: 1 of 2 Ray clusters up" in text
    rows = {line.split()[0]: line.split() for line in text.splitlines()[2:4]}
    assert rows["default"] == ["default", "static", "up", "1/1", "4/4", "2.60.0", "ray://default-ray-head-svc.ray:10001"]
    assert rows["big"][2:5] == ["down", "0/0", "0/0"]


def test_status_for_machines(two: HubConfig, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(ROOT, two, "big", as_json=True) == 0
    found = said(capsys)
    assert (found["command"], found["action"], found["exit"]) == ("ray", "status", 0)
    (row,) = found["clusters"]
    assert (row["name"], row["state"], row["workers"]) == ("big", "up", {"wanted": 4, "ready": 4, "hub_yaml": 4})


@pytest.mark.parametrize(
    ("before", "name", "workers", "writes"),
    [
        ((0, 0), "", None, ["big-ray-head=1", "big-ray-worker=4"]),
        ((0, 0), "big", 2, ["big-ray-head=1", "big-ray-worker=2"]),
        ((1, 8), "big", None, []),
        ((1, 8), "big", 4, ["big-ray-head=1", "big-ray-worker=4"]),
        ((1, 4), "big", 4, []),
    ],
)
def test_up(two: HubConfig, cluster: FakeCluster, before: tuple[int, int], name: str, workers: int | None, writes: list[str]) -> None:
    cluster.add_static("big", head=before[0], workers=before[1])
    for _ in range(2):
        assert up(ROOT, two, name, workers, ASK) == 0
        assert cluster.writes == writes, "a second time changes nothing"


def test_a_dry_run_changes_nothing(two: HubConfig, cluster: FakeCluster, capsys: pytest.CaptureFixture[str]) -> None:
    cluster.add_static("big", head=0, workers=0)
    dry = Manner(dry_run=True)
    assert up(ROOT, two, "", None, dry) == scale(ROOT, two, "default", 8, dry) == down(ROOT, two, "", dry) == 0
    assert cluster.writes == []
    text = capsys.readouterr().out
    assert "would be asked for: a head and 8 workers" in text
    assert "would be asked to end" in text


def test_up_waits_and_says_how_far_it_is(
    two: HubConfig, cluster: FakeCluster, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.add_static("big", head=0, workers=0)
    monkeypatch.setattr(waiting.time, "sleep", lambda seconds: cluster.settle())
    assert up(ROOT, two, "", None, Manner()) == 0
    text = capsys.readouterr().out
    assert "big: head not ready, 0 of 4 workers ready" in text
    assert "up, 4 workers. Notebooks reach it at ray://big-ray-head-svc.ray:10001" in text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ({"conditions": [{"type": "PodScheduled", "status": "False", "message": "0/3 nodes are available"}]}, "0/3 nodes are available"),
        ({"containerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such tag"}}}]}, "no such tag"),
        ({"containerStatuses": [{"state": {"waiting": {"reason": "ContainerCreating"}}}]}, "4 workers ready"),
    ],
)
def test_waiting_ends_and_says_why(two: HubConfig, cluster: FakeCluster, status: dict[str, Any], words: str) -> None:
    cluster.add_static("big", head=0, workers=0)
    cluster.add_pod("big-ray-worker-0", "ray", {"hubsmith.io/ray-cluster": "big", "hubsmith.io/ray-role": "worker"}, status)
    with pytest.raises(HubError, match=words) as caught:
        up(ROOT, two, "big", None, Manner(patience=AT_ONCE))
    assert "kubectl describe pods -n ray" in caught.value.fix
    assert cluster.size("big", "worker") == 4, "what was asked for stays"


def test_down_waits_until_the_pods_are_gone(two: HubConfig, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.add_pod("big-ray-worker-0", "ray", {"hubsmith.io/ray-cluster": "big", "hubsmith.io/ray-role": "worker"})

    def nap(seconds: float) -> None:
        cluster.settle()
        cluster.pods.clear()

    monkeypatch.setattr(waiting.time, "sleep", nap)
    assert down(ROOT, two, "big", Manner()) == 0
    assert cluster.writes == ["big-ray-worker=0", "big-ray-head=0"], "the workers first"
    assert cluster.size("default", "worker") == 4
    assert down(ROOT, two, "big", Manner()) == 0
    assert len(cluster.writes) == 2


@pytest.mark.parametrize(("yes", "typed", "ends"), [(False, None, False), (False, "no", False), (False, "lab", True), (True, None, True)])
def test_down_ends_nothing_unasked(
    two: HubConfig, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, yes: bool, typed: str | None, ends: bool
) -> None:
    cluster.add_head("default")
    cluster.add_pod("jupyter-ada", "jupyterhub", {"app": "jupyterhub", "component": "singleuser-server"})
    monkeypatch.setattr(leave, "ask", lambda question: typed)
    if ends:
        assert down(ROOT, two, "default", Manner(wait=False, yes=yes)) == 0
    else:
        # The head's pod runs, and no way to it opens: that it has nothing to do is not known.
        with pytest.raises(HubError, match=r"whether anything runs on default is not known.*1 notebook runs now.*Nothing was changed"):
            down(ROOT, two, "default", Manner(wait=False))
    assert cluster.size("default", "head") == (0 if ends else 1)


@pytest.mark.parametrize(("workers", "note"), [(8, ""), (2, "Kubernetes chooses the workers that go"), (4, "has this size already")])
def test_scale(two: HubConfig, cluster: FakeCluster, capsys: pytest.CaptureFixture[str], workers: int, note: str) -> None:
    assert scale(ROOT, two, "big", workers, ASK) == 0
    assert (cluster.size("big", "head"), cluster.size("big", "worker")) == (1, workers)
    assert note in capsys.readouterr().out


def test_scale_refuses(two: HubConfig, cluster: FakeCluster) -> None:
    with pytest.raises(HubError, match="has several Ray clusters: default, big"):
        scale(ROOT, two, "", 2, ASK)
    with pytest.raises(HubError, match="-1 workers do not fit big: it takes 0 or more"):
        scale(ROOT, two, "big", -1, ASK)
    cluster.add_static("big", head=0, workers=0)
    with pytest.raises(HubError, match="big is down") as caught:
        scale(ROOT, two, "big", 2, ASK)
    assert caught.value.fix == "./hub ray up lab big --workers 2"


def test_the_operators_cluster(grown: HubConfig, cluster: FakeCluster, capsys: pytest.CaptureFixture[str]) -> None:
    ready = [{"type": "HeadPodReady", "status": "True"}]
    cluster.add_kuberay("auto", conditions=ready, readyWorkerReplicas=5, desiredWorkerReplicas=5)
    assert status(ROOT, grown, "", as_json=True) == 0
    (row,) = said(capsys)["clusters"]
    assert (row["state"], row["workers"]) == ("up", {"wanted": 5, "ready": 5, "hub_yaml": 1}), "the autoscaler's word counts"
    assert scale(ROOT, grown, "", 3, ASK) == 0
    (group,) = cluster.ray_cluster("auto")["workerGroupSpecs"]
    assert (group["minReplicas"], group["replicas"]) == (3, 3)
    with pytest.raises(HubError, match="9 workers do not fit auto: it takes from 0 to 8"):
        scale(ROOT, grown, "", 9, ASK)
    assert down(ROOT, grown, "", ASK) == 0
    assert cluster.ray_cluster("auto")["suspend"] is True
    assert up(ROOT, grown, "", None, ASK) == 0
    assert (cluster.ray_cluster("auto")["suspend"], group["minReplicas"]) == (False, 1)


Verb = Callable[[HubConfig], int]
VERBS: list[Verb] = [
    lambda config: status(ROOT, config, "", as_json=True),
    lambda config: check(ROOT, config, "", as_json=True),
    lambda config: up(ROOT, config, "", None, ASK),
    lambda config: down(ROOT, config, "", ASK),
    lambda config: scale(ROOT, config, "", 2, ASK),
]


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_to_ask(cluster: FakeCluster, verb: Verb) -> None:
    with pytest.raises(HubError, match="no section `ray`"):
        verb(make_config())
    with pytest.raises(HubError, match="is not installed") as caught:
        verb(ray_config("default"))
    assert caught.value.fix == "./install.sh lab"


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("more", [{}, {"kind": "kuberay"}])
def test_a_stack_that_lost_its_things(install: Callable[[HubConfig], None], cluster: FakeCluster, verb: Verb, more: dict[str, str]) -> None:
    config = ray_config(default=more)
    install(config)
    with pytest.raises(HubError, match="not \\(wholly\\) in namespace ray of lab") as caught:
        verb(config)
    assert "./install.sh lab" in caught.value.fix


def test_a_cluster_nobody_knows(two: HubConfig) -> None:
    with pytest.raises(HubError, match='no Ray cluster "small"; it has: default, big'):
        status(ROOT, two, "small", as_json=True)

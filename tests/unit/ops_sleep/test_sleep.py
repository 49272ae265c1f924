"""./hub sleep and ./hub wake on stand-ins: what goes, what stays, who is respected, and that waking restores exactly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.ops.sleep.asleep import asleep, refuse_asleep
from modules.ops.sleep.command import SleepOptions, sleep, wake
from tests.unit.ops_aws.support import Killed
from tests.unit.ops_sleep.lab import HUB, STOPPED, Lab


def fall(lab: Lab, **options: Any) -> int:
    return sleep(lab.root, lab.config, SleepOptions(**{"yes": True, **options}), patience=lab.patience)


def rise(lab: Lab, **options: Any) -> int:
    return wake(lab.root, lab.config, **{"as_json": False, **options}, patience=lab.patience)


def is_asleep(lab: Lab) -> bool:
    sizes = {name: (each["minSize"], each["desiredSize"], each["maxSize"]) for name, each in lab.groups().items()}
    assert sizes == {"lab-core": (0, 0, 5), "lab-user": (0, 0, 4), "theirs": (1, 1, 1)}
    assert lab.replicas() == STOPPED
    assert {pool: limits["cpu"] for pool, limits in lab.limits().items()} == {"default": "0", "endless": "0"}
    assert (lab.names("NodeClaim"), lab.names("Node")) == ([], ["theirs-0"])
    return lab.remembered()


def test_sleep_and_wake(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    awake = lab.all()
    assert fall(lab) == 0
    assert is_asleep(lab)
    assert "is asleep. Its control plane and storage still cost; ./hub wake lab brings it back" in capsys.readouterr().out
    assert rise(lab) == 0
    assert lab.all() == awake
    said = capsys.readouterr().out
    assert "4 asked for in 2 node groups, as before" in said


def test_each_twice(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    awake = lab.all()
    assert [fall(lab), fall(lab)] == [0, 0]
    assert is_asleep(lab)
    assert [rise(lab), rise(lab)] == [0, 0]
    assert lab.all() == awake
    assert "was not asleep" in capsys.readouterr().out


def test_another_machine_wakes_it(lab: Lab) -> None:
    awake = lab.all()
    fall(lab)
    lab.root = lab.root / "elsewhere"
    rise(lab)
    assert lab.all() == awake


@pytest.mark.parametrize(
    ("pod", "words"),
    [
        ({"name": "jupyter-ada", "component": "singleuser-server"}, "1 notebook (ada) at work"),
        ({"name": "dask-1", "gateway.dask.org/cluster": "x"}, "1 Dask pod (dask-1) at work"),
        ({"name": "p", "hydroplane/process-id": "train"}, "1 process (train) at work"),
        ({"name": "job-1", "owner": "Job", "namespace": "default"}, "1 pod (default/job-1) at work"),
    ],
)
def test_refused_while_somebody_works(lab: Lab, pod: dict[str, str], words: str) -> None:
    lab.pod(**pod)
    before = lab.all()
    with pytest.raises(HubError, match="--force") as refused:
        fall(lab)
    assert words in str(refused.value)
    assert lab.all() == before
    assert lab.api.changes == []
    lab.drop("Pod", pod.get("namespace", HUB), pod["name"])
    assert fall(lab) == 0


def test_force_ends_it(lab: Lab) -> None:
    lab.notebook("ada")
    lab.pod("resting-1", "ReplicaSet")
    assert fall(lab, force=True) == 0
    assert is_asleep(lab)
    assert lab.names("Pod") == ["resting-1"]


def test_a_notebook_of_the_last_moment(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """It started between the look and the hub's end: it goes on, and the hub comes back."""
    before, move = lab.all(), lab.move

    def start() -> None:
        lab.notebook("ada")
        move()

    monkeypatch.setattr(lab, "move", start)
    with pytest.raises(HubError, match=r"1 notebook \(ada\) at work"):
        fall(lab)
    assert lab.all() == before
    assert "jupyter-ada" in lab.names("Pod")


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("verb", ["sleep", "wake"])
def test_killed_at_every_change(lab: Lab, verb: str, moment: str) -> None:
    """Then the same command again: it ends where an undisturbed run ends. Each round begins with an env as it was at first."""
    awake, number, killed = lab.all(), 0, True
    while killed:
        number += 1
        lab.nodes()
        if verb == "wake":
            fall(lab)
        killed = _is_killed(lab, verb, number, moment)
        if verb == "sleep":
            fall(lab)
            assert is_asleep(lab)
        rise(lab)
        assert lab.all() == awake, f"killed {moment} change {number}"
    assert number > 9


def _is_killed(lab: Lab, verb: str, number: int, moment: str) -> bool:
    lab.kill(number, moment)
    try:
        fall(lab) if verb == "sleep" else rise(lab)
    except Killed:
        return True
    finally:
        lab.kill(0, "")
    return False


@pytest.mark.parametrize("at", [1, 2, 4, 7, 9])
def test_a_half_asleep_env_wakes(lab: Lab, at: int) -> None:
    awake = lab.all()
    assert _is_killed(lab, "sleep", at, "after")
    rise(lab)
    assert lab.all() == awake


def test_install_is_refused_meanwhile(lab: Lab) -> None:
    refuse_asleep(lab.session, lab.config)
    assert _is_killed(lab, "sleep", 2, "after")
    with pytest.raises(HubError, match=r"is falling asleep since[^\n]*\n[^\n]*\./hub wake lab first"):
        refuse_asleep(lab.session, lab.config)
    fall(lab)
    with pytest.raises(HubError, match="is asleep since"):
        refuse_asleep(lab.session, lab.config)
    rise(lab)
    refuse_asleep(lab.session, lab.config)


def test_the_memory_of_a_cluster_that_is_gone(lab: Lab) -> None:
    fall(lab)
    eks = lab.session.client("eks")
    for name in lab.groups():
        eks.delete_nodegroup(clusterName="lab", nodegroupName=name)
    eks.delete_cluster(name="lab")
    assert asleep(lab.session, lab.config) is None
    assert not lab.remembered()


def test_a_dry_run_changes_nothing(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    before = lab.all()
    assert fall(lab, dry_run=True, as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["groups"] == {"lab-core": {"min": 2, "desired": 3}, "lab-user": {"min": 0, "desired": 1}}
    assert found["nodes"] == ["claim-1"]
    lab.notebook("ada")
    assert fall(lab, dry_run=True) == 1
    said = capsys.readouterr().out
    assert "1 notebook (ada), so this would be refused" in said
    assert "not ours, left as they are: theirs" in said
    assert (lab.all(), lab.api.changes) == (before, [])


def test_json(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """One object each: what the env was like."""
    was = {
        "groups": {"lab-core": {"min": 2, "desired": 3}, "lab-user": {"min": 0, "desired": 1}},
        "pools": {"default": "64", "endless": None},
    }
    for act, command, state in ((fall, "sleep", "asleep"), (rise, "wake", "awake")):
        assert act(lab, as_json=True) == 0
        found = json.loads(capsys.readouterr().out)
        assert found.items() >= {**was, "env": "lab", "command": command, "exit": 0, "state": state, "without_nat": False}.items()


def test_nobody_agrees(lab: Lab) -> None:
    before = lab.all()
    with pytest.raises(HubError, match="nobody agreed"):
        fall(lab, yes=False, as_json=True)
    assert lab.all() == before


def test_a_node_that_does_not_go(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time is up: what was done stays done, and the sentence says who to look at and how to go on."""
    monkeypatch.setattr(lab, "move", lambda: None)
    lab.drop("Pod", HUB, "hub-0")
    with pytest.raises(HubError, match="still 4 nodes are going") as late:
        fall(lab)
    assert "./hub sleep lab goes on where this ended; ./hub wake lab brings it back" in str(late.value)

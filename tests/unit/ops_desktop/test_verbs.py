"""./hub desktop status, start and stop against a fake cluster: what they say, change and refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.desktop import seats as seats_module
from modules.ops.desktop.seats import Patience, start, stop
from modules.ops.desktop.status import status
from modules.ops.target import Target
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_desktop.conftest import OUTPUTS, desktop_config
from tests.unit.ops_desktop.fake_cluster import FakeCluster

NODE, OTHER = "ip-100-64-3-7.us-east-2.compute.internal", "ip-100-64-3-8.us-east-2.compute.internal"
AT_ONCE = Patience(seconds=0.0, pause=0.0)


def published(node: str, *, connections: int = 0, seen: timedelta = timedelta(seconds=20), left: timedelta | None = None) -> dict[str, str]:
    """The two keys of a node's desktop."""
    now = datetime.now(UTC)
    facts = {
        "display": ":0",
        "session": "default-session",
        "connections": connections,
        "last_disconnection": (now - left).isoformat() if left else None,
        "since": (now - timedelta(days=1)).isoformat(),
        "seen": (now - seen).isoformat(),
        "socket_mount_path": "/var/addf/dcv-eks/sockets",
    }
    return {f"display.{node}": ":0", f"status.{node}": json.dumps(facts)}


@pytest.fixture
def config(target: Target, install: Callable[..., None]) -> HubConfig:
    """Desktops that are installed."""
    made = desktop_config()
    install(made)
    return made


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The one JSON object."""
    (line,) = capsys.readouterr().out.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_status_for_a_person(config: HubConfig, cluster: FakeCluster, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cluster.data = {**published(NODE, connections=1), **published(OTHER, seen=timedelta(minutes=11), left=timedelta(hours=3))}
    cluster.wanted, cluster.ready = 2, 2
    assert status(tmp_path, config, as_json=False) == 0
    text = capsys.readouterr().out
    first, second = (next(line for line in text.splitlines() if node in line) for node in (NODE, OTHER))
    assert "lab: 1 desktop up · seats 2 wanted, 2 with a node" in text
    assert first.split()[1:4] == [":0", "1", "now"]
    assert "3 h 00 m ago" in second
    assert re.search(r"11 m \d\d s ago, stale", second)
    assert "./hub desktop connect lab" in text
    for name, value in OUTPUTS.items():
        assert any(line.split() == [name, value] for line in text.splitlines())


def test_status_for_machines(config: HubConfig, cluster: FakeCluster, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cluster.data, cluster.ready = published(NODE, connections=2), 1
    assert status(tmp_path, config, as_json=True) == 0
    found = said(capsys)
    assert (found["env"], found["command"], found["action"], found["exit"]) == ("lab", "desktop", "status", 0)
    assert found["outputs"] == OUTPUTS
    assert found["seats"] == {"wanted": 1, "ready": 1}
    (row,) = found["desktops"]
    assert (row["node"], row["display"], row["connections"], row["stale"]) == (NODE, ":0", 2, False)
    assert row["socket_mount_path"] == "/var/addf/dcv-eks/sockets"


@pytest.mark.parametrize(
    ("wanted", "ready", "words"),
    [(0, 0, "./hub desktop start lab"), (1, 0, "no node is there yet"), (1, 1, "kubectl logs -n dcv daemonset/dcv-agent")],
)
def test_no_desktop_and_why(
    config: HubConfig, cluster: FakeCluster, capsys: pytest.CaptureFixture[str], tmp_path: Path, wanted: int, ready: int, words: str
) -> None:
    cluster.wanted, cluster.ready = wanted, ready
    assert status(tmp_path, config, as_json=False) == 0
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(("settings", "seats", "wanted"), [({}, None, 1), ({"seats": 3}, None, 3), ({"seats": 0}, None, 1), ({}, 4, 4)])
def test_start_asks_for_seats(
    target: Target,
    install: Callable[..., None],
    cluster: FakeCluster,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    settings: dict[str, int],
    seats: int | None,
    wanted: int,
) -> None:
    config = desktop_config(**settings)
    install(config)
    cluster.wanted = 0
    assert start(tmp_path, config, seats=seats, wait=False, as_json=True) == 0
    assert cluster.wanted == wanted
    assert said(capsys)["seats"] == wanted


def test_start_waits_until_they_publish(
    config: HubConfig, cluster: FakeCluster, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        cluster.ready = len(naps)
        if len(naps) == 2:
            cluster.data = {**published(NODE), **published(OTHER, seen=timedelta(hours=1))}
        if len(naps) == 3:
            cluster.data = {**published(NODE), **published(OTHER)}

    monkeypatch.setattr(seats_module.time, "sleep", nap)
    assert start(tmp_path, config, seats=2, wait=True, as_json=False, patience=Patience(60.0, 1.0)) == 0
    text = capsys.readouterr().out
    assert len(naps) == 3, "a stale row is no desktop"
    assert "1 of 2 published, 2 with a node" in text
    assert "2 up. Reach: ./hub desktop connect lab" in text


@pytest.mark.parametrize(("ready", "words", "fix"), [(0, "0 of 1 seats have a node", "GPU quota"), (1, "0 of 1 desktops", "kubectl logs")])
def test_waiting_ends(config: HubConfig, cluster: FakeCluster, tmp_path: Path, ready: int, words: str, fix: str) -> None:
    cluster.ready = ready
    with pytest.raises(HubError, match=words) as caught:
        start(tmp_path, config, seats=1, wait=True, as_json=True, patience=AT_ONCE)
    assert fix in caught.value.fix


def test_stop_asks_for_none(config: HubConfig, cluster: FakeCluster, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cluster.data = published(NODE, connections=3, seen=timedelta(hours=1))
    assert stop(tmp_path, config, yes=False, as_json=False) == 0, "what a dead agent once said holds nobody up"
    assert cluster.wanted == 0
    assert "keeps its node" in capsys.readouterr().out


@pytest.mark.parametrize(("yes", "typed", "stops"), [(False, None, False), (False, "no", False), (False, "lab", True), (True, None, True)])
def test_stop_spares_who_is_connected(
    config: HubConfig, cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, yes: bool, typed: str | None, stops: bool
) -> None:
    cluster.data = published(NODE, connections=2)
    monkeypatch.setattr(seats_module, "ask", lambda question: typed)
    if stops:
        assert stop(tmp_path, config, yes=yes, as_json=False) == 0
    else:
        with pytest.raises(HubError, match=r"somebody is connected: ip-100-64-3-7\S* \(2\). Nothing was stopped"):
            stop(tmp_path, config, yes=yes, as_json=False)
    assert cluster.wanted == (0 if stops else 1)


Verb = Callable[[Path, HubConfig], int]
VERBS: list[Verb] = [
    lambda root, config: status(root, config, as_json=True),
    lambda root, config: start(root, config, seats=None, wait=False, as_json=True),
    lambda root, config: stop(root, config, yes=False, as_json=True),
]


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_to_ask(session: boto3.Session, target: Target, tmp_path: Path, verb: Verb) -> None:
    with pytest.raises(HubError, match="no section `desktop`"):
        verb(tmp_path, make_config())
    with pytest.raises(HubError, match="are not installed") as caught:
        verb(tmp_path, desktop_config())
    assert "./install.sh lab" in caught.value.fix


@pytest.mark.parametrize("verb", VERBS)
def test_a_stack_that_lost_its_things(config: HubConfig, cluster: FakeCluster, tmp_path: Path, verb: Verb) -> None:
    cluster.data = cluster.wanted = None
    with pytest.raises(HubError, match=r"there is no .* in namespace dcv of lab") as caught:
        verb(tmp_path, config)
    assert "./install.sh lab" in caught.value.fix


@pytest.mark.parametrize("seats", [0, -1])
def test_start_of_nothing(tmp_path: Path, seats: int) -> None:
    with pytest.raises(HubError, match="starts nothing"):
        start(tmp_path, desktop_config(), seats=seats, wait=False, as_json=True)

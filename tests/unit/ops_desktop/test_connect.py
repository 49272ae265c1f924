"""./hub desktop connect: which node, by what way, and a session that is always ended."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops import session_manager
from modules.ops.desktop import connect as connect_module
from modules.ops.desktop import forward
from modules.ops.desktop.connect import ConnectOptions, connect
from modules.ops.desktop.forward import Forward
from modules.ops.desktop.instances import Instance
from modules.ops.session_manager import find_plugin
from modules.ops.target import Target
from tests.unit.ops_aws.support import refusal
from tests.unit.ops_desktop.conftest import desktop_config
from tests.unit.ops_desktop.fake_cluster import FakeCluster
from tests.unit.ops_desktop.test_cluster_api import EXISTING
from tests.unit.ops_desktop.test_verbs import published

TOKEN = "a-token-that-nobody-may-see"
KARPENTER = {"karpenter.sh/nodepool": "desktop", "kubernetes.io/cluster/lab": "owned"}
GROUP = {"eks:nodegroup-name": "lab-seats", "eks:cluster-name": "lab"}
#: Notes arguments and what it was handed; ends with FAKE_CODE, or stays until it is told to go.
FAKE = """#!{python}
import json, os, sys, time
if sys.argv[1:] == ["--version"]:
    print(os.environ.get("FAKE_VERSION", "1.2.677.0")); sys.exit(0)
json.dump({{"argv": sys.argv[1:], "handed": os.environ.get("AWS_SSM_START_SESSION_RESPONSE")}}, open(os.environ["FAKE_NOTES"], "w"))
time.sleep(float(os.environ.get("FAKE_STAYS", "0")))
sys.exit(int(os.environ.get("FAKE_CODE", "0")))
"""


class FakeSsm:
    """StartSession and TerminateSession, which moto does not have. refuse: a code instead of a session."""

    def __init__(self, refuse: str = "") -> None:
        self.refuse = refuse
        self.asked: dict[str, Any] = {}
        self.ended: list[str] = []
        self.meta = type("Meta", (), {"endpoint_url": "https://ssm.us-east-2.amazonaws.com"})()

    def start_session(self, **asked: Any) -> dict[str, Any]:
        if self.refuse:
            raise refusal(self.refuse, "StartSession")
        self.asked = asked
        return {"SessionId": "me-1", "TokenValue": TOKEN, "StreamUrl": "wss://x", "ResponseMetadata": {"HTTPStatusCode": 200}}

    def terminate_session(self, SessionId: str) -> dict[str, str]:  # noqa: N803
        self.ended.append(SessionId)
        return {"SessionId": SessionId}


@pytest.fixture
def config(target: Target, install: Callable[..., None]) -> HubConfig:
    """Desktops that are installed."""
    made = desktop_config()
    install(made)
    return made


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> FakeSsm:
    """Stands in for SSM."""
    made = FakeSsm()
    monkeypatch.setattr(session_manager, "client", lambda session, service, region: made)
    return made


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A session-manager-plugin on PATH; gives the file with its notes."""
    program = tmp_path / "bin" / session_manager.PLUGIN
    program.parent.mkdir()
    program.write_text(FAKE.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setenv("FAKE_NOTES", str(tmp_path / "notes.json"))
    return tmp_path / "notes.json"


def launch(session: boto3.Session, tags: dict[str, str], state: str = "running") -> str:
    """An instance with these tags; gives its node's name."""
    ec2 = session.client("ec2", region_name="us-east-2")
    # Any tag at all: EC2 refuses an empty list of them.
    pairs: Any = [{"Key": key, "Value": value} for key, value in {"Name": "node", **tags}.items()]
    specification: Any = [{"ResourceType": "instance", "Tags": pairs}]
    # An image of moto's own; asking which there are takes seconds.
    made = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, TagSpecifications=specification)["Instances"][0]
    if state != "running":
        ec2.stop_instances(InstanceIds=[made["InstanceId"]])
    return str(made["PrivateDnsName"])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def reached(capsys: pytest.CaptureFixture[str], root: Path, config: HubConfig, **options: Any) -> dict[str, Any]:
    """The object of connect --json."""
    assert connect(root, config, ConnectOptions(as_json=True, **options)) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_load_balancer_has_a_url(
    target: Target, install: Callable[..., None], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = desktop_config(exposure="nlb")
    install(config, desktop_url="https://lb.example:8443/#default-session")
    assert reached(capsys, tmp_path, config)["url"] == "https://lb.example:8443/#default-session"
    assert connect(tmp_path, config, ConnectOptions()) == 0
    assert "https://lb.example:8443/#default-session" in capsys.readouterr().out


def test_a_load_balancer_without_its_url(target: Target, install: Callable[..., None], tmp_path: Path) -> None:
    config = desktop_config(exposure="nlb")
    install(config)
    with pytest.raises(HubError, match="no address yet"):
        connect(tmp_path, config, ConnectOptions())


GROUPS = {"seats": {"purpose": "desktop", "instance_types": ["g4dn.xlarge"], "gpu": "nvidia", "hop_limit": 2}}
SPOT = {"purpose": "desktop", "families": ["g4dn"], "sizes": ["xlarge"], "gpu": "nvidia", "hop_limit": 2, "capacity": ["spot", "on-demand"]}


@pytest.mark.parametrize(
    ("settings", "top", "tags", "found"),
    [
        ({}, {}, KARPENTER, True),
        ({}, {}, {**KARPENTER, "kubernetes.io/cluster/lab": ""}, False),
        ({}, {}, {"karpenter.sh/nodepool": "desktop", "kubernetes.io/cluster/other": "owned"}, False),
        ({}, {}, {**KARPENTER, "karpenter.sh/nodepool": "default"}, False),
        ({}, {"pools": {"desktop": SPOT}}, {**KARPENTER, "karpenter.sh/nodepool": "desktop-spot"}, True),
        ({"pool": "seats"}, {"node_groups": GROUPS}, GROUP, True),
        ({"pool": "seats"}, {"node_groups": GROUPS}, {**GROUP, "eks:cluster-name": "other"}, False),
    ],
)
def test_nodes_are_found_by_tags(
    session: boto3.Session,
    target: Target,
    install: Callable[..., None],
    cluster: FakeCluster,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    settings: dict[str, Any],
    top: dict[str, Any],
    tags: dict[str, str],
    found: bool,
) -> None:
    config = desktop_config(top, **settings)
    install(config)
    node = launch(session, tags)
    launch(session, tags, state="stopped")
    if found:
        assert reached(capsys, tmp_path, config)["node"] == node
    else:
        with pytest.raises(HubError, match="no node of lab carries a desktop") as caught:
            connect(tmp_path, config, ConnectOptions())
        assert "./hub desktop start lab" in caught.value.fix


@pytest.mark.parametrize("up", [True, False])
def test_on_somebody_else_s_cluster_by_what_published(
    session: boto3.Session,
    target: Target,
    install: Callable[..., None],
    cluster: FakeCluster,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    up: bool,
) -> None:
    config = desktop_config({"cluster": {"existing": EXISTING}})
    install(config)
    node = launch(session, {})
    cluster.data = published(node) if up else {}
    if up:
        assert reached(capsys, tmp_path, config)["node"] == node
    else:
        with pytest.raises(HubError, match="no node"):
            connect(tmp_path, config, ConnectOptions())


def test_which_of_several(
    config: HubConfig,
    session: boto3.Session,
    cluster: FakeCluster,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nodes = sorted({launch(session, KARPENTER), launch(session, KARPENTER)})
    with pytest.raises(HubError, match="lab has 2 desktops") as caught:
        connect(tmp_path, config, ConnectOptions(as_json=True))
    assert "--node" in caught.value.fix
    for name in (nodes[1], nodes[1].split(".")[0]):
        assert reached(capsys, tmp_path, config, node=name)["node"] == nodes[1]
    with pytest.raises(HubError, match='no desktop node is called "x"'):
        connect(tmp_path, config, ConnectOptions(node="x"))
    cluster.data = published(nodes[0])
    assert reached(capsys, tmp_path, config)["node"] == nodes[0], "the one whose desktop is up"
    cluster.data = {}
    monkeypatch.setattr(connect_module, "_hold", lambda scene, way: int(way.instance.node == nodes[1]))
    monkeypatch.setattr(connect_module, "ask", lambda question: "2")
    assert connect(tmp_path, config, ConnectOptions()) == 1
    monkeypatch.setattr(connect_module, "ask", lambda question: "3")
    with pytest.raises(HubError, match='"3" is none of them'):
        connect(tmp_path, config, ConnectOptions())


def test_a_closed_cluster_does_not_close_the_way(
    config: HubConfig, session: boto3.Session, cluster: FakeCluster, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    node = launch(session, KARPENTER)
    cluster.refuse = (403, "no")
    assert connect(tmp_path, config, ConnectOptions(only_print=True)) == 0
    said = capsys.readouterr()
    assert "which desktops are up is not known" in said.err
    assert node in said.out


def test_the_commands_by_hand(
    session: boto3.Session,
    target: Target,
    install: Callable[..., None],
    cluster: FakeCluster,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    config = desktop_config({"aws": {"account": "123456789012", "profile": "lab"}}, node_port=32000)
    install(config)
    launch(session, KARPENTER)
    assert connect(tmp_path, config, ConnectOptions(only_print=True, port=9443)) == 0
    lines = capsys.readouterr().out.splitlines()
    words = shlex.split(lines[0])
    assert words[:3] == ["aws", "ssm", "start-session"]
    asked = json.loads(words[words.index("--parameters") + 1])
    assert (asked["portNumber"], asked["localPortNumber"]) == (["32000"], ["9443"])
    assert words[-4:] == ["--region", "us-east-2", "--profile", "lab"]
    assert lines[1].startswith("https://127.0.0.1:9443/#default-session")
    assert any(f"https://{asked['host'][0]}:32000/#default-session" in line for line in lines)
    assert any("QUIC" in line for line in lines)


@pytest.mark.parametrize(("code", "words"), [(0, ""), (3, "ended with code 3")])
def test_the_plugin_carries_the_session(
    config: HubConfig,
    session: boto3.Session,
    cluster: FakeCluster,
    ssm: FakeSsm,
    plugin: Path,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    words: str,
) -> None:
    launch(session, KARPENTER)
    port = free_port()
    monkeypatch.setenv("FAKE_CODE", str(code))
    if words:
        with pytest.raises(HubError, match=words):
            connect(tmp_path, config, ConnectOptions(port=port))
    else:
        assert connect(tmp_path, config, ConnectOptions(port=port)) == 0
    notes = json.loads(plugin.read_text())
    name, region, operation, profile, request, endpoint = notes["argv"]
    assert (name, region, operation, profile) == ("AWS_SSM_START_SESSION_RESPONSE", "us-east-2", "StartSession", "")
    assert json.loads(request)["Parameters"]["localPortNumber"] == [str(port)]
    assert json.loads(request)["DocumentName"] == ssm.asked["DocumentName"] == "AWS-StartPortForwardingSessionToRemoteHost"
    assert endpoint == "https://ssm.us-east-2.amazonaws.com"
    assert json.loads(notes["handed"]) == {"SessionId": "me-1", "TokenValue": TOKEN, "StreamUrl": "wss://x"}
    assert ssm.ended == ["me-1"]
    assert TOKEN not in " ".join(notes["argv"])
    assert TOKEN not in capsys.readouterr().out
    assert "AWS_SSM_START_SESSION_RESPONSE" not in os.environ


def test_an_interrupt_ends_plugin_and_session(
    config: HubConfig, target: Target, ssm: FakeSsm, plugin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_STAYS", "120")

    def interrupt() -> None:
        deadline = time.monotonic() + 60
        while not plugin.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    started = time.monotonic()
    way = Forward(Instance("i-1", "node", "100.64.3.7"), 31980, 8443)
    assert forward.run(config, target, find_plugin(), way) == 0
    thread.join()
    assert time.monotonic() - started < 110, "it was told to go"
    assert ssm.ended == ["me-1"]


@pytest.mark.parametrize(
    ("version", "words"),
    [("1.2.497.0", "1.2.536.0 is the first"), ("", "unknown version"), ("beta", "beta"), ("1.2.536.0", ""), ("2.0", "")],
)
def test_a_plugin_that_would_show_the_token(plugin: Path, monkeypatch: pytest.MonkeyPatch, version: str, words: str) -> None:
    monkeypatch.setenv("FAKE_VERSION", version)
    if not words:
        assert find_plugin().endswith(session_manager.PLUGIN)
        return
    with pytest.raises(HubError, match=words):
        find_plugin()


def test_no_plugin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HubError, match="not on PATH") as caught:
        find_plugin()
    assert "install-plugin" in caught.value.fix
    assert "--print" in caught.value.fix


def test_a_port_in_use(config: HubConfig, session: boto3.Session, cluster: FakeCluster, ssm: FakeSsm, plugin: Path, tmp_path: Path) -> None:
    launch(session, KARPENTER)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(HubError, match="cannot be used"):
            connect(tmp_path, config, ConnectOptions(port=taken.getsockname()[1]))
    assert ssm.asked == {}, "no session is opened for nothing"


@pytest.mark.parametrize(
    ("code", "words"), [("TargetNotConnected", "SSM agent of node"), ("AccessDeniedException", "could not open a session to node")]
)
def test_aws_opens_no_session(config: HubConfig, target: Target, ssm: FakeSsm, code: str, words: str) -> None:
    ssm.refuse = code
    with pytest.raises(HubError, match=words):
        forward.run(config, target, "/nowhere", Forward(Instance("i-1", "node", "100.64.3.7"), 31980, 8443))
    assert ssm.ended == []


def test_the_fake_is_what_the_shell_finds(plugin: Path) -> None:
    answer = subprocess.run([session_manager.PLUGIN, "--version"], capture_output=True, text=True, timeout=10, check=True)
    assert answer.stdout.strip() == "1.2.677.0"

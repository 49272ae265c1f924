"""./hub shell: no box, a stopped one, a gone one, no plugin; and a session whose Ctrl-C is typed at the far end."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from modules.common.errors import HubError
from modules.common.tags import DEPLOYMENT
from modules.config.models import HubConfig
from modules.ops import session_manager
from modules.ops import shell as shell_module
from modules.ops.session_manager import Session
from modules.ops.shell import ShellOptions, shell
from modules.ops.target import Target
from tests.unit.ops_aws.support import ACCOUNT, make_config, new_session, refusal

#: Notes its arguments, says what signals it got, and ends when told to by Ctrl-C or at once.
FAKE = """#!{python}
import json, os, signal, sys, time
if sys.argv[1:] == ["--version"]:
    print("1.2.677.0"); sys.exit(0)
heard = []
signal.signal(signal.SIGINT, lambda *_: heard.append("int"))
notes = os.environ["FAKE_NOTES"]
json.dump({{"argv": sys.argv[1:]}}, open(notes + ".part", "w")); os.rename(notes + ".part", notes)
until = time.monotonic() + float(os.environ.get("FAKE_STAYS", "0"))
while time.monotonic() < until and not heard:
    time.sleep(0.01)
sys.exit(int(os.environ.get("FAKE_CODE", "0")))
"""


class FakeSsm:
    """Sessions, which moto does not have, and an agent that is online after some questions. refuse: a code instead of a session."""

    def __init__(self) -> None:
        self.refuse = ""
        self.asked: dict[str, Any] = {}
        self.ended: list[str] = []
        self.late = 0
        self.meta = type("Meta", (), {"endpoint_url": "https://ssm.us-east-2.amazonaws.com"})()

    def start_session(self, **asked: Any) -> dict[str, Any]:
        if self.refuse:
            raise refusal(self.refuse, "StartSession")
        self.asked = asked
        return {"SessionId": "me-1", "TokenValue": "secret-token", "StreamUrl": "wss://x"}

    def terminate_session(self, SessionId: str) -> None:  # noqa: N803
        self.ended.append(SessionId)

    def describe_instance_information(self, Filters: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self.late -= 1
        return {"InstanceInformationList": [{"PingStatus": "ConnectionLost" if self.late >= 0 else "Online"}]}


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    """A session whose calls end in moto."""
    with mock_aws():
        yield new_session()


@pytest.fixture
def ssm(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> FakeSsm:
    """Stands in for SSM; EC2 is moto's."""
    made = FakeSsm()

    def client(_: boto3.Session, service: str, region: str) -> Any:
        return made if service == "ssm" else session.client("ec2", region_name=region)

    target = Target({}, {}, session, ACCOUNT, False, "account in moto")
    monkeypatch.setattr(shell_module, "client", client)
    monkeypatch.setattr(session_manager, "client", client)
    monkeypatch.setattr(shell_module, "resolve_target", lambda root, config: target)
    monkeypatch.setattr(shell_module, "_POLL_SECONDS", 0.0)
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


@pytest.fixture
def config() -> HubConfig:
    """An env with an admin box."""
    return make_config(cluster={"admin_box": {}})


def launch(session: boto3.Session, config: HubConfig, state: str = "running", **tags: str) -> str:
    """An instance tagged as Terraform tags the box; its id."""
    ec2 = session.client("ec2", region_name="us-east-2")
    pairs: Any = [{"Key": key, "Value": value} for key, value in {"Name": "lab-admin-box", DEPLOYMENT: config.deployment, **tags}.items()]
    specification: Any = [{"ResourceType": "instance", "Tags": pairs}]
    made = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, TagSpecifications=specification)["Instances"][0]["InstanceId"]
    if state == "stopped":
        ec2.stop_instances(InstanceIds=[made])
    if state == "terminated":
        ec2.terminate_instances(InstanceIds=[made])
    return str(made)


def state_of(session: boto3.Session, instance: str) -> str:
    found = session.client("ec2", region_name="us-east-2").describe_instances(InstanceIds=[instance])
    return str(found["Reservations"][0]["Instances"][0]["State"]["Name"])


def test_an_env_without_one(tmp_path: Path) -> None:
    with pytest.raises(HubError, match="lab has no admin box") as caught:
        shell(tmp_path, make_config(), ShellOptions())
    assert "admin_box: {}" in caught.value.fix
    assert "./install.sh lab" in caught.value.fix


@pytest.mark.parametrize("others", [[], [("terminated", {})], [("running", {DEPLOYMENT: "other"})], [("running", {"Name": "lab-other"})]])
def test_configured_and_not_there(
    session: boto3.Session, ssm: FakeSsm, config: HubConfig, tmp_path: Path, others: list[tuple[str, dict[str, str]]]
) -> None:
    for state, tags in others:
        launch(session, config, state, **tags)
    with pytest.raises(HubError, match="admin box of lab is not there") as caught:
        shell(tmp_path, config, ShellOptions(only_print=True))
    assert caught.value.fix == "./install.sh lab makes it"


def test_a_shell_by_default_document(session: boto3.Session, ssm: FakeSsm, plugin: Path, config: HubConfig, tmp_path: Path) -> None:
    launch(session, config, "terminated")
    box = launch(session, config)
    assert shell(tmp_path, config, ShellOptions()) == 0
    assert ssm.asked == {"Target": box, "Reason": "./hub shell"}
    said = json.loads(plugin.read_text())["argv"]
    assert said[:4] == ["AWS_SSM_START_SESSION_RESPONSE", "us-east-2", "StartSession", ""]
    assert json.loads(said[4]) == {"Target": box}
    assert "secret-token" not in " ".join(said)
    assert ssm.ended == ["me-1"]


def test_ctrl_c_belongs_to_the_far_end(
    session: boto3.Session, ssm: FakeSsm, plugin: Path, config: HubConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The terminal sends it to us and to the plugin; we must neither end nor keep the plugin from hearing it."""
    launch(session, config)
    monkeypatch.setenv("FAKE_STAYS", "10")
    monkeypatch.setenv("FAKE_CODE", "7")
    before = signal.getsignal(signal.SIGINT)

    def interrupt() -> None:
        deadline = time.monotonic() + 10
        while not plugin.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
        for child in children:
            if session_manager.PLUGIN in Path(f"/proc/{child}/cmdline").read_text():
                os.kill(int(child), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(HubError, match="ended with code 7"):
        shell(tmp_path, config, ShellOptions())
    thread.join()
    assert ssm.ended == ["me-1"]
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(("start", "answer"), [(True, None), (False, "y"), (False, "Yes")])
def test_a_stopped_box_is_started_when_somebody_says_so(
    session: boto3.Session,
    ssm: FakeSsm,
    plugin: Path,
    config: HubConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    start: bool,
    answer: str | None,
) -> None:
    box = launch(session, config, "stopped")
    ssm.late = 3
    monkeypatch.setattr(shell_module, "ask", lambda question: answer)
    assert shell(tmp_path, config, ShellOptions(start=start)) == 0
    assert state_of(session, box) == "running"
    assert ssm.late < 0, "the session waited for the agent"
    assert ssm.asked["Target"] == box


@pytest.mark.parametrize("answer", [None, "n", ""])
def test_a_stopped_box_stays_so_otherwise(
    session: boto3.Session,
    ssm: FakeSsm,
    plugin: Path,
    config: HubConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str | None,
) -> None:
    box = launch(session, config, "stopped")
    monkeypatch.setattr(shell_module, "ask", lambda question: answer)
    with pytest.raises(HubError, match="is stopped") as caught:
        shell(tmp_path, config, ShellOptions())
    assert "--start" in caught.value.fix
    assert state_of(session, box) == "stopped"
    assert ssm.asked == {}


def test_a_box_whose_agent_is_never_heard_of(
    session: boto3.Session, ssm: FakeSsm, plugin: Path, config: HubConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch(session, config, "stopped")
    ssm.late = 10**9
    monkeypatch.setattr(shell_module, "_START_SECONDS", 0)
    with pytest.raises(HubError, match=r"for the SSM agent of i-.* in vain"):
        shell(tmp_path, config, ShellOptions(start=True))
    assert ssm.asked == {}


def test_without_the_plugin_nothing_is_started(
    session: boto3.Session, ssm: FakeSsm, config: HubConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = launch(session, config, "stopped")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HubError, match="session-manager-plugin is not on PATH") as caught:
        shell(tmp_path, config, ShellOptions(start=True))
    assert "--print" in caught.value.fix
    assert state_of(session, box) == "stopped"


def test_aws_opens_no_session(session: boto3.Session, ssm: FakeSsm, plugin: Path, config: HubConfig, tmp_path: Path) -> None:
    launch(session, config)
    ssm.refuse = "TargetNotConnected"
    with pytest.raises(HubError, match="SSM agent of the admin box"):
        shell(tmp_path, config, ShellOptions())


def test_the_command_by_hand(
    session: boto3.Session, ssm: FakeSsm, config: HubConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    box = launch(session, config, "stopped")
    assert shell(tmp_path, config, ShellOptions(only_print=True)) == 0
    assert capsys.readouterr().out == f"aws ssm start-session --target {box} --region us-east-2\n"
    assert shell(tmp_path, config, ShellOptions(as_json=True)) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["command"], said["instance"], said["state"]) == ("shell", box, "stopped")
    assert said["open"][:3] == ["aws", "ssm", "start-session"]


def test_a_session_with_a_document_says_its_parameters() -> None:
    asked = Session("i-1", "why", "AWS-StartPortForwardingSession", {"portNumber": ["80"]}).request
    assert asked == {"Target": "i-1", "DocumentName": "AWS-StartPortForwardingSession", "Parameters": {"portNumber": ["80"]}}

"""The agent as the image starts it: real processes, real time (shortened), signals, and a password nobody sees."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from dcv_agent.__main__ import main

from tests._support.fake_kubernetes import FakeKubernetes
from tests.desktop.agent.aws import FakeAws
from tests.desktop.agent.conftest import PACKAGE
from tests.desktop.agent.desk import MAP, Desk

_PATIENCE = 40.0
CANARY = "canary-7f3a"


class Process:
    """`python3 -m dcv_agent <command>` of one desk; its lines are in a file."""

    def __init__(self, desk: Desk, command: str) -> None:
        self._log = (desk.state / f"{command}.log").open("w+")
        environment = {
            **desk.environment,
            **desk.aws.environment,
            "PATH": f"{desk.bin}{os.pathsep}/usr/bin:/bin",
            "PYTHONPATH": str(PACKAGE),
            "NO_PROXY": "127.0.0.1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "DCV_AGENT_PACE": "0.02",
        }
        self.child = subprocess.Popen([sys.executable, "-m", "dcv_agent", command], env=environment, stdout=self._log, stderr=self._log)

    def log(self) -> str:
        """Everything it printed."""
        self._log.flush()
        self._log.seek(0)
        return self._log.read()

    def stop(self) -> int:
        """SIGTERM, as the kubelet and systemd send it; the exit code."""
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(_PATIENCE)

    def close(self) -> None:
        """No process outlives its test."""
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait(_PATIENCE)
        self._log.close()


@pytest.fixture
def start() -> Iterator[Callable[[Desk, str], Process]]:
    """Starts processes, and ends them after the test."""
    running: list[Process] = []

    def begin(desk: Desk, command: str = "watch") -> Process:
        running.append(Process(desk, command))
        return running[-1]

    yield begin
    for process in running:
        process.close()


def until(condition: Callable[[], object], *processes: Process) -> None:
    """Waits until it holds; shows the processes' lines when it never does."""
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "\n".join(process.log() for process in processes)
        time.sleep(0.02)


def test_two_nodes_at_once_and_one_stops(
    desks: Callable[..., Desk], kubernetes: FakeKubernetes, start: Callable[..., Process], aws: FakeAws
) -> None:
    one, two = desks("node-a", ":0"), desks("node-b", ":1")
    first, second = start(one), start(two)
    until(lambda: one.ready == ":0" and two.ready == ":1", first, second)
    # Whatever came between one agent's read and its write, no key of the other was lost.
    assert (one.map["display.node-a"], one.map["display.node-b"]) == (":0", ":1")
    assert (one.parameter, two.parameter) == (":0", ":1")
    assert first.stop() == 0
    assert [key for key in kubernetes.data(MAP) if "." in key] == ["display.node-b", "status.node-b"]
    assert (one.parameter, two.parameter) == (None, ":1")
    assert (one.ready, one.sentence) == ("", "the agent was told to stop")
    assert two.ready == ":1"


def test_the_password_is_nowhere_but_in_chpasswd(
    desks: Callable[..., Desk], kubernetes: FakeKubernetes, start: Callable[..., Process], aws: FakeAws
) -> None:
    desk = desks(display="")
    desk.creatable(":0")
    makes, watches = start(desk, "session"), start(desk)
    until(lambda: desk.ready == ":0", makes, watches)
    assert makes.child.wait(_PATIENCE) == 0
    assert (desk.state / "password").read_text() == f"ada:{CANARY}\n"
    sent = [body for action, body in zip(aws.calls, aws.bodies, strict=True) if action != "CreateSecret"]
    seen = [makes.log(), watches.log(), desk.argv, repr(kubernetes.requests), repr(sent), repr(aws.parameters())]
    seen += [path.read_text() for path in desk.run.iterdir()]
    assert not [text for text in seen if CANARY in text]
    assert "INFO dcv-agent 1.0.0 watch node=node-a session=default-session config_map=dcv/dcv-agent-config-map" in watches.log()


def test_a_stop_while_waiting_for_the_session_is_clean(desks: Callable[..., Desk], start: Callable[..., Process]) -> None:
    desk = desks(display="")
    process = start(desk)
    until(lambda: "there is no session" in desk.sentence, process)
    assert process.stop() == 0
    assert "Traceback" not in process.log()


def test_a_crash_leaves_no_readiness_behind(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.step()
    assert desk.ready == ":0"
    for name, value in desk.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("dcv_agent.watch.Watch.run", lambda _: 1 / 0)  # whatever nobody thought of
    with pytest.raises(ZeroDivisionError):
        main(["watch"])
    assert (desk.ready, desk.sentence) == ("", "the agent stopped unexpectedly (ZeroDivisionError)")


@pytest.mark.parametrize("arguments", [[], ["watch", "again"], ["publish"]])
def test_a_wrong_call(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "usage: python3 -m dcv_agent session|watch" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"NODE_NAME": "", "DCV_CREDENTIALS": ""}, "NODE_NAME is not set; DCV_CREDENTIALS is not set"),
        ({"DCV_CREDENTIALS": "a,b,c"}, "DCV_CREDENTIALS must name one secret (JSON) or two (user name, password)"),
        ({"DCV_STOP_IDLE_HOURS": "soon"}, "DCV_STOP_IDLE_HOURS=soon is not a whole number of hours"),
    ],
)
def test_a_pod_with_wrong_settings_says_all_of_them(
    desks: Callable[..., Desk], start: Callable[..., Process], change: dict[str, str], sentence: str
) -> None:
    process = start(desks(**change))
    assert process.child.wait(_PATIENCE) == 1
    assert sentence in process.log()
    assert "Traceback" not in process.log()

"""One node's desktop in a folder: fake programs on a PATH, X sockets, and the agent with a clock that the test moves."""

from __future__ import annotations

import json
import os
import socket
import struct
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from dcv_agent import session
from dcv_agent.__main__ import assemble
from dcv_agent.aws import Aws
from dcv_agent.clock import Clock
from dcv_agent.cluster import Cluster, configuration
from dcv_agent.files import Facts
from dcv_agent.settings import from_environment
from dcv_agent.vault import Vault
from dcv_agent.watch import Watch

from tests._support.fake_kubernetes import FakeKubernetes
from tests.desktop.agent.aws import REGION, FakeAws

SSM = "/demo/demo/desktop"
MAP = "dcv-agent-config-map"
START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

_PROGRAMS = {
    "dcv": """
case "$1" in
  list-sessions) if [ -e "$state/server-down" ]; then echo "no connection to the server" >&2; exit 1; fi ;;
  describe-session) if [ -e "$state/session" ]; then cat "$state/session"; else echo "no such session" >&2; exit 1; fi ;;
  create-session) if [ -e "$state/refuse-create" ]; then echo "no licence" >&2; exit 1; fi; cp "$state/next" "$state/session" ;;
esac
""",
    "getent": """
grep "^$2:" "$state/passwd" || exit 2
""",
    "useradd": """
for last; do :; done
echo "$last:x:1000:1000::/home/$last:/bin/bash" >>"$state/passwd"
""",
    "chpasswd": """
if [ -e "$state/refuse-password" ]; then cat >&2; exit 1; fi
cat >"$state/password"
""",
}


class FakeClock(Clock):
    """Time that passes only when the agent waits or the test says so; `stop_after` waits end in a stop."""

    def __init__(self) -> None:
        super().__init__()
        self.passed, self.waits_left = 0.0, 1_000_000

    def now(self) -> datetime:
        return START + timedelta(seconds=int(self.passed))

    def monotonic(self) -> float:
        return self.passed

    def wait(self, seconds: float) -> bool:
        self.passed += seconds
        self.waits_left -= 1
        return self.waits_left <= 0


class Desk:
    """A node: `state` steers the fake programs, `step` and `pass_time` run its agent."""

    def __init__(
        self, folder: Path, node: str, aws: FakeAws, kubernetes: FakeKubernetes, monkeypatch: pytest.MonkeyPatch, extra: dict[str, str]
    ) -> None:
        self.node, self.aws, self.kubernetes, self._monkeypatch = node, aws, kubernetes, monkeypatch
        self.state, self.bin, self.run, self.sockets, self.auth = (folder / name for name in ("state", "bin", "run", "sock", "auth"))
        for each in (self.state, self.bin, self.run, self.sockets, self.auth):
            each.mkdir(parents=True)
        (self.state / "passwd").write_text("dcv:x:998:998::/:/bin/false\n")
        for name, body in _PROGRAMS.items():
            (self.bin / name).write_text(f'#!/bin/sh\nstate="{self.state}"\necho "{name} $*" >>"$state/argv"\n{body}')
            (self.bin / name).chmod(0o755)
        self.environment = self._variables(kubernetes.kubeconfig(folder), extra)
        self.clock = FakeClock()
        self._listening: dict[str, socket.socket] = {}
        self._watch: Watch | None = None

    @property
    def watch(self) -> Watch:
        """This node's agent, made when first asked for."""
        if self._watch is None:
            settings = from_environment(self.environment)
            cluster = Cluster(settings.namespace, configuration(self.environment))
            self._watch = assemble(settings, cluster, Facts(settings.run), self.clock, lambda service, _: _shared(service, self.aws.url))
        return self._watch

    def session(self, display: str = ":0", cookie: bytes = b"c" * 16, listen: bool = True, **facts: Any) -> None:
        """DCV has a session with this display from now on; keywords with _ for - replace facts of its JSON."""
        number = display[1:]
        authority = self.state / "authority"
        authority.write_bytes(authority_record(number, cookie))
        named = {name.replace("_", "-"): value for name, value in facts.items()}
        self._describe("session", {**_described(display, str(authority)), **named})
        if listen and number.isdecimal():
            self.x_server(number)

    def creatable(self, display: str = ":0") -> None:
        """`dcv create-session` makes a session with this display."""
        self.session(display)
        (self.state / "session").rename(self.state / "next")

    def x_server(self, number: str) -> None:
        """An X server listens on this number, as real ones do over a file that was left."""
        path = self.sockets / f"X{number}"
        self._listening.pop(number, socket.socket()).close()
        path.unlink(missing_ok=True)
        self._listening[number] = server = socket.socket(socket.AF_UNIX)
        server.bind(str(path))
        server.listen()

    def no_session(self) -> None:
        """DCV has no session any more."""
        (self.state / "session").unlink()

    def step(self) -> None:
        """One look of the agent, with this node's programs; then one poll's time passes."""
        self._monkeypatch.setenv("PATH", f"{self.bin}{os.pathsep}/usr/bin:/bin")
        self.watch.step()
        self.clock.passed += 5

    def pass_time(self, seconds: float, stride: float = 5) -> None:
        """The agent's life for so long; a longer stride leaves polls out."""
        until = self.clock.passed + seconds
        while self.clock.passed < until:
            self.step()
            self.clock.passed += stride - 5

    def make_session(self, attempts: int) -> bool:
        """The `session` command, stopped after so many failed attempts."""
        self._monkeypatch.setenv("PATH", f"{self.bin}{os.pathsep}/usr/bin:/bin")
        settings = from_environment(self.environment)
        self.clock.waits_left = attempts
        return session.make(settings, Vault(_shared("secretsmanager", self.aws.url), settings.secrets), Facts(self.run), self.clock)

    @property
    def ready(self) -> str:
        """The display the readiness file names; empty when the desktop is not ready."""
        return self._fact("ready")

    @property
    def sentence(self) -> str:
        """Why it is not ready; empty when it is."""
        return self._fact("not-ready")

    @property
    def map(self) -> dict[str, str]:
        """The ConfigMap."""
        return self.kubernetes.data(MAP)

    @property
    def status(self) -> Any:
        """This node's status in the ConfigMap, parsed."""
        return json.loads(self.map[f"status.{self.node}"])

    @property
    def parameter(self) -> str | None:
        """This node's SSM parameter."""
        return self.aws.parameters().get(f"{SSM}/dcv-display/{self.node}")

    @property
    def argv(self) -> str:
        """Every call of a fake program, a line each."""
        path = self.state / "argv"
        return path.read_text() if path.exists() else ""

    def close(self) -> None:
        """Nobody listens any more."""
        for server in self._listening.values():
            server.close()

    def _describe(self, name: str, facts: dict[str, Any]) -> None:
        (self.state / name).write_text(json.dumps(facts))

    def _fact(self, name: str) -> str:
        path = self.run / name
        return path.read_text().strip() if path.exists() else ""

    def _variables(self, kubeconfig: Path, extra: dict[str, str]) -> dict[str, str]:
        return {
            "NODE_NAME": self.node,
            "POD_NAMESPACE": "dcv",
            "AWS_REGION": REGION,
            "DCV_EKS_CONFIG_MAP_NAME": MAP,
            "DCV_EKS_DISPLAY_PARAMETER_STORE": f"{SSM}/dcv-display",
            "DCV_EKS_SOCKET_PARAMETER_STORE": f"{SSM}/dcv-socket-mount-path",
            "DCV_SOCKET_MOUNT_PATH": "/var/addf/dcv-eks/sockets",
            "DCV_CREDENTIALS": "dcv-credentials",
            "DCV_SESSION": "default-session",
            "DCV_SEATS": "dcv-seats",
            "DCV_STOP_IDLE_HOURS": "",
            "DCV_AGENT_RUN": str(self.run),
            "DCV_AGENT_SOCKETS": str(self.sockets),
            "DCV_AGENT_AUTH": str(self.auth),
            "KUBECONFIG": str(kubeconfig),
            **extra,
        }


def authority_record(number: str, cookie: bytes, name: bytes = b"MIT-MAGIC-COOKIE-1") -> bytes:
    """An X authority file with one record, as xauth writes it: family 256 (local), address, number, name, data."""
    parts = (b"host", number.encode(), name, cookie)
    return struct.pack(">H", 256) + b"".join(struct.pack(">H", len(part)) + part for part in parts)


def _described(display: str, authority: str) -> dict[str, Any]:
    """The shape of `dcv describe-session --json` in DCV's administrator guide (Finding and stopping idle sessions)."""
    return {
        "id": "default-session",
        "owner": "ada",
        "x11-display": display,
        "x11-authority": authority,
        "num-of-connections": 0,
        "creation-time": "2026-11-21T08:59:30.123456Z",
        "last-disconnection-time": "",
        "licensing-mode": "EC2",
        "licenses": [{"product": "dcv", "status": "LICENSED"}, {"product": "dcv-gl", "status": "LICENSED"}],
    }


@lru_cache
def _shared(service: str, url: str) -> Aws:
    """One client a service for all tests: making one reads half a megabyte of definitions. `url` tells servers apart."""
    return Aws(service, REGION)

"""Starts and ends one head and its workers, all of them processes of this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests._support.processes import kill_tree, wait_until
from tests.hub.support import installs
from tests.hub.support.hub import loopback_ports
from tests.ray.support.chart import Container, Machine, Part, part

#: A `ray start` on two busy cores; alone it takes ten seconds.
_START_SECONDS = 180
#: A raylet waits 15 s for its own agents, for which nobody can ask more, and ends; kubelet then starts the container again.
_STARTS = 6
_STARTED = "Ray runtime started."
_END_SECONDS = 30
_NAMES = ("gcs", "client", "dashboard", "objectManager", "nodeManager", "agent", "agentGrpc", "runtimeEnv", "metrics")
_WORKER_PORTS = 40


@dataclass
class Ray:
    """A running cluster. ports: the head's. folder: what Ray writes, and a mark that every process of it carries."""

    machine: Machine
    binary: Path
    ports: dict[str, int] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    _taken: set[int] = field(default_factory=set)
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @classmethod
    def make(cls, token: str, binary: Path) -> Ray:
        """Nothing runs yet. The folder's name is short: Ray puts sockets below it, whose paths may have 107 characters."""
        made = cls(Machine(token, Path(tempfile.mkdtemp(prefix="hubray-", dir="/tmp"))), binary)
        made.ports = _free_ports()
        made._take(made.ports)
        return made

    @property
    def address(self) -> str:
        """What a notebook gives to ray.init."""
        return f"ray://127.0.0.1:{self.ports['client']}"

    @property
    def gcs(self) -> str:
        """Where the head's own protocol answers."""
        return f"127.0.0.1:{self.ports['gcs']}"

    def start_head(self) -> None:
        """The head, until its startup probe is content. Raises AssertionError with the end of its log."""
        head = self._part("head", self.ports)
        self._start(head.main, "head")
        wait_until(lambda: self.once(head.main, head.main.probe) == 0, "the head", _START_SECONDS)

    def start_worker(self, name: str) -> None:
        """A worker, after its init container is content, until its startup probe is. Raises AssertionError with its log's end."""
        own = {**_free_ports(self._taken), "gcs": self.ports["gcs"]}
        self._take(own)
        worker = self._part("worker", own)
        for each in worker.before:
            assert self.once(each, each.command) == 0, "the init container failed"
        self._start(worker.main, name)
        wait_until(lambda: _answers(own["nodeManager"]), name, _START_SECONDS)

    def once(self, container: Container, command: tuple[str, ...], **more: str) -> int:
        """The exit code of a command in the container's surroundings. more: variables put over its own."""
        done = subprocess.run(
            command, env={**self._environment(container.environment), **more}, capture_output=True, timeout=_START_SECONDS, check=False
        )
        return done.returncode

    def log(self, name: str) -> str:
        """The end of what a process has said."""
        return (self.machine.folder / f"{name}.log").read_text()[-3000:]

    def server_errors(self) -> list[str]:
        """What the processes that serve clients wrote before they ended; a line is named by its file."""
        logs = sorted(self.machine.folder.rglob("ray_client_server_*.err"))
        return [f"{path.name}: {line}" for path in logs for line in path.read_text(errors="replace").splitlines()[-20:]]

    def stop(self) -> None:
        """As a node that is drained: SIGTERM, workers first; what is left is killed. The folder goes."""
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                kill_tree(process.pid)
                process.wait()
        deadline = time.monotonic() + _END_SECONDS
        while self.left() and time.monotonic() < deadline:
            time.sleep(0.2)
        for pid in self.left():
            kill_tree(pid)
        shutil.rmtree(self.machine.folder, ignore_errors=True)

    def left(self) -> list[int]:
        """Processes of this cluster, wherever they hang: Ray's own leave the tree of the one that started them."""
        mark = f"RAY_TMPDIR={self.machine.folder}".encode()
        return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if mark in _read(path).split(b"\0")]

    def _take(self, ports: Mapping[str, int]) -> None:
        self._taken |= {*ports.values(), *range(ports["workersFrom"], ports["workersTo"] + 1)}

    def _part(self, role: str, ports: Mapping[str, int]) -> Part:
        made = part(self.binary, self.machine.folder, self.machine, role, ports=dict(ports))
        self.parts.append(made)
        return made

    def _start(self, container: Container, name: str) -> None:
        """Run a container until Ray says that it has started, and again when it ends before, as kubelet does."""
        for _ in range(_STARTS):
            if self._has_started(container, name):
                return
        raise AssertionError(self.log(name))

    def _has_started(self, container: Container, name: str) -> bool:
        others = set(self.left())
        process = self._run(container, name)
        wait_until(lambda: process.poll() is not None or _STARTED in self.log(name), name, _START_SECONDS)
        if process.poll() is None:
            return True
        self._processes.remove(process)
        # With a container, all its processes go.
        for pid in set(self.left()) - others:
            kill_tree(pid)
        return False

    def _run(self, container: Container, name: str) -> subprocess.Popen[bytes]:
        with (self.machine.folder / f"{name}.log").open("w") as log:
            environment = self._environment(container.environment)
            process = subprocess.Popen(container.command, env=environment, stdout=log, stderr=log, start_new_session=True)
        self._processes.append(process)
        return process

    def _environment(self, own: Mapping[str, str]) -> dict[str, str]:
        """A pod's variables: the image's PATH, the home of a user who owns nothing but /tmp, and the container's."""
        folder = str(self.machine.folder)
        path = f"{installs.ray().parent}:{os.environ['PATH']}"
        return {"PATH": path, "HOME": folder, "RAY_TMPDIR": folder, "TMPDIR": folder, **own}


def _free_ports(taken: Collection[int] = ()) -> dict[str, int]:
    """One part's ports, in a row and none of `taken`, as the chart's values name them: Ray ends when one has two uses."""
    while True:
        (first,) = loopback_ports(1)
        block = range(first, first + len(_NAMES) + _WORKER_PORTS)
        if not set(block) & set(taken) and all(map(_is_free, block)):
            return {**dict(zip(_NAMES, block, strict=False)), "workersFrom": block[len(_NAMES)], "workersTo": block[-1]}


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 3).close()
    except OSError:
        return False
    return True


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""

"""The way from Terraform's child process to a provider: the script, the port, the server, and their ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modules.ops.tools import platform_name as platform_name_of_ops
from modules.rehearsal.standin import listener as listening
from modules.rehearsal.standin.listener import Listener
from modules.rehearsal.standin.mirror import PORT_VARIABLE, platform_name, write_mirror
from tests._support.memory_cluster import MemoryCluster
from tests._support.processes import wait_until

COOKIE = {"TF_PLUGIN_MAGIC_COOKIE": "any"}


@pytest.fixture
def listener() -> Iterator[Listener]:
    running = Listener(_make)
    yield running
    running.close()


def _make(_folder: Path) -> MemoryCluster:
    return MemoryCluster()


def _script(mirror: Path, provider: str = "kubernetes") -> Path:
    (found,) = mirror.glob(f"registry.terraform.io/hashicorp/{provider}/*/{platform_name()}/terraform-provider-{provider}_v*")
    return found


def _start(script: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(script)],
        env={"PATH": os.environ["PATH"], **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_platform_is_the_one_terraform_is_given() -> None:
    assert platform_name() == platform_name_of_ops()


def test_the_same_mirror_serves_every_port(tmp_path: Path) -> None:
    """Terraform's lock file holds the programs' checksums."""
    one, other = write_mirror(tmp_path / "a", 4711), write_mirror(tmp_path / "b", 4712)
    for provider in ("helm", "kubernetes"):
        assert _script(one, provider).read_bytes() == _script(other, provider).read_bytes()
        assert list(_script(one, provider).parent.iterdir()) == [_script(one, provider)], "a package is the program alone"


def test_a_mirror_that_is_right_is_left_alone(tmp_path: Path) -> None:
    script = _script(write_mirror(tmp_path, 4711))
    before = script.stat().st_ino
    assert _script(write_mirror(tmp_path, 4712)).stat().st_ino == before
    assert (tmp_path / "port").read_text() == "4712\n"


def test_the_scripts_are_clean(tmp_path: Path) -> None:
    scripts = [str(_script(write_mirror(tmp_path, 4711), provider)) for provider in ("helm", "kubernetes")]
    checked = subprocess.run([str(shutil.which("shellcheck")), *scripts], capture_output=True, text=True, timeout=60)
    assert checked.stdout == ""
    assert checked.returncode == 0


@pytest.mark.parametrize(("client", "fields"), [("", 5), ("-----BEGIN CERTIFICATE-----\nMIIB\n", 6)], ids=["plain", "tls"])
def test_a_launch_gets_a_server_and_takes_it_along(tmp_path: Path, listener: Listener, client: str, fields: int) -> None:
    process = _start(_script(write_mirror(tmp_path, listener.port)), **COOKIE, PLUGIN_CLIENT_CERT=client)
    handshake = _first_line(process).split("|")
    assert handshake[:3] + handshake[4:5] == ["1", "6", "unix", "grpc"]
    assert len(handshake) == fields
    place = Path(handshake[3])
    assert place.is_socket()
    assert place.parent.stat().st_mode & 0o077 == 0, "nobody else may ask"
    assert listener.busy == 1
    process.kill()
    process.wait(5)
    wait_until(lambda: listener.busy == 0, "the server of a killed launch to end", 10)
    assert not place.parent.exists()


def test_a_long_name_of_the_temporary_folder_is_no_hindrance(tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    process = _start(_script(write_mirror(tmp_path / "mirror", listener.port)), **COOKIE)
    assert Path(_first_line(process).split("|")[3]).is_socket()
    process.kill()
    process.wait(5)


def test_the_end_of_the_process_behind_ends_the_launch(tmp_path: Path) -> None:
    running = Listener(_make)
    process = _start(_script(write_mirror(tmp_path, running.port)), **COOKIE)
    place = Path(_first_line(process).split("|")[3])
    running.close()
    assert process.wait(5) == 0
    assert not place.parent.exists()


def test_the_variable_goes_before_the_file(tmp_path: Path, listener: Listener) -> None:
    """With a plugin cache that envs share, the script may be another env's."""
    process = _start(_script(write_mirror(tmp_path, 1)), **COOKIE, **{PORT_VARIABLE: str(listener.port)})
    assert _first_line(process).startswith("1|6|unix|")
    process.kill()
    process.wait(5)


def test_the_port_is_found_through_a_link(tmp_path: Path, listener: Listener) -> None:
    """Terraform links a package into .terraform and starts it there."""
    script = _script(write_mirror(tmp_path / "mirror", listener.port))
    (tmp_path / "linked").symlink_to(script.parent)
    process = _start(tmp_path / "linked" / script.name, **COOKIE)
    assert _first_line(process).startswith("1|6|unix|")
    process.kill()
    process.wait(5)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "This is a provider of Terraform's"),
        (COOKIE, "The rehearsal does not run (port 1). ./install.sh starts it."),
        ({**COOKIE, PORT_VARIABLE: "2"}, "The rehearsal does not run (port 2). ./install.sh starts it."),
    ],
    ids=["by hand", "no emulator", "another port"],
)
def test_what_cannot_be_reached_is_told(tmp_path: Path, environment: dict[str, str], said: str) -> None:
    process = _start(_script(write_mirror(tmp_path, 1)), **environment)
    output, errors = process.communicate(timeout=10)
    assert (process.returncode, output) == (1, "")
    assert said in errors


@pytest.mark.parametrize(
    "hello",
    [b"", b"GET / HTTP/1.1\r\n\r\n", b"aws tls\n/\n", b"helm tls\n", b"\n\n", b"\xff\xfe\n/\n", b"x" * 9000],
    ids=["nothing", "a browser", "another provider", "one line", "empty lines", "no text", "no end"],
)
def test_a_stranger_is_told_nothing(listener: Listener, hello: bytes) -> None:
    with socket.create_connection(("127.0.0.1", listener.port), timeout=5) as connection:
        # Cut off in the middle of a word is an answer too.
        with contextlib.suppress(OSError):
            connection.sendall(hello)
            connection.shutdown(socket.SHUT_WR)
        assert _all(connection) == b""
    assert listener.busy == 0


def test_a_stranger_that_says_nothing_is_not_waited_for(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "_HELLO_SECONDS", 0.05)
    with socket.create_connection(("127.0.0.1", listener.port), timeout=5) as connection:
        started = time.monotonic()
        assert _all(connection) == b""
    assert time.monotonic() - started < 4


def test_the_backend_is_told_where_terraform_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders: list[Path] = []

    def make(folder: Path) -> MemoryCluster:
        folders.append(folder)
        return MemoryCluster()

    running, there = Listener(make), tmp_path / "a stack, of Zoë's"
    there.mkdir()
    monkeypatch.chdir(there)
    process = _start(_script(write_mirror(tmp_path / "mirror", running.port)), **COOKIE)
    _first_line(process)
    process.kill()
    process.wait(5)
    running.close()
    assert folders == [there]


def test_launches_count_as_use(tmp_path: Path) -> None:
    used: list[int] = []
    running = Listener(_make, lambda: used.append(1))
    process = _start(_script(write_mirror(tmp_path, running.port)), **COOKIE)
    _first_line(process)
    assert len(used) == 1
    process.kill()
    process.wait(5)
    wait_until(lambda: len(used) == 2, "the end of the launch", 10)
    running.close()


def _all(connection: socket.socket) -> bytes:
    """Everything until the other side ends; a line that is cut off has said nothing either."""
    said = b""
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(1024):
            said += part
    return said

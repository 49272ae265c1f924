"""The probes' script against real sockets: each condition that fails, and what must not make it fail."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests._support.scripts import Bench

SCRIPT = "check_healthy.sh"
_X_SERVER = (
    "import socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); print('up', flush=True); sys.stdin.read()"
)


@dataclass
class Desktop:
    """A healthy desktop on display :0, made of a TCP listener, a process named Xdcv, a fake `dcv` and the agent's file."""

    bench: Bench
    server: socket.socket
    x_server: subprocess.Popen[str]
    connections: list[socket.socket] = field(default_factory=list)

    def describe(self, text: str, code: int = 0) -> None:
        """What `dcv describe-session` answers from now on."""
        self.bench.fake("dcv", f"cat <<'JSON'\n{text}\nJSON\nexit {code}")

    def check(self, mode: str) -> tuple[int, str]:
        """Exit code and sentence."""
        done = self.bench.run(SCRIPT, mode)
        return done.returncode, done.stdout.strip()


def start_x_server(folder: Path, path: Path) -> subprocess.Popen[str]:
    """A listener whose process name is Xdcv: the kernel takes it from the link's name."""
    program = folder / "bin" / "Xdcv"
    if not program.exists():
        program.symlink_to(os.path.realpath(sys.executable))
    process = subprocess.Popen([program, "-c", _X_SERVER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    """Ends an X server; its socket file stays, as after a crash."""
    process.kill()
    process.communicate()


@pytest.fixture
def desktop(bench: Bench) -> Iterator[Desktop]:
    """Healthy, on a port of its own."""
    server = socket.create_server(("127.0.0.1", 0))
    bench.environ["DESKTOP_PORT"] = str(server.getsockname()[1])
    made = Desktop(bench, server, start_x_server(bench.folder, bench.sockets / "X0"))
    made.describe('{"id": "default-session", "x11-display": ":0", "num-of-connections": 0}')
    bench.file("run/ready", ":0\n")
    yield made
    for connection in [server, *made.connections]:
        connection.close()
    end(made.x_server)


@pytest.mark.parametrize("mode", ["live", "ready"])
def test_a_healthy_desktop_is_silent(desktop: Desktop, mode: str) -> None:
    assert desktop.check(mode) == (0, "")
    assert desktop.bench.calls() == ["dcv describe-session default-session --json"]


def close_server(desktop: Desktop) -> None:
    """A client's connection outlives it, with the same port."""
    client = socket.create_connection(desktop.server.getsockname())
    desktop.connections = [client, desktop.server.accept()[0]]
    desktop.server.close()


def lose_session(desktop: Desktop) -> None:
    desktop.describe("Could not find session", code=1)


def hang(desktop: Desktop) -> None:
    desktop.bench.fake("timeout", "exit 124")


def no_display(desktop: Desktop) -> None:
    desktop.describe('{"id": "default-session", "x11-display": ""}')


def garbage(desktop: Desktop) -> None:
    desktop.describe("Segmentation fault")


def other_display(desktop: Desktop) -> None:
    desktop.describe('{"id": "default-session", "x11-display": ":3.0"}')


def remove_socket(desktop: Desktop) -> None:
    (desktop.bench.sockets / "X0").unlink()


def crash_x_server(desktop: Desktop) -> None:
    end(desktop.x_server)


def plain_file(desktop: Desktop) -> None:
    (desktop.bench.sockets / "X0").unlink()
    (desktop.bench.sockets / "X0").write_text("")


def boot_step_failed(desktop: Desktop) -> None:
    desktop.bench.file("run/failed-check_driver", "the node runs NVIDIA driver 2 and this image was built for 1\n")


GONE: list[tuple[Callable[[Desktop], None], str]] = [
    (close_server, "the DCV server is gone: nothing listens on port"),
    (lose_session, "DCV session default-session is gone"),
    (hang, "DCV session default-session is gone"),
    (no_display, "session default-session has no X display yet"),
    (garbage, "session default-session has no X display yet"),
    (other_display, "X3 of session default-session is gone"),
    (remove_socket, "X0 of session default-session is gone"),
    (plain_file, "X0 of session default-session is gone"),
    (crash_x_server, "no Xdcv serves display :0 of session default-session"),
    (boot_step_failed, "the node runs NVIDIA driver 2 and this image was built for 1"),
]


@pytest.mark.parametrize("mode", ["live", "ready"])
@pytest.mark.parametrize(("breaks", "sentence"), GONE, ids=[breaks.__name__ for breaks, _ in GONE])
def test_what_is_gone_fails_both_probes_with_a_sentence(
    desktop: Desktop, breaks: Callable[[Desktop], None], sentence: str, mode: str
) -> None:
    breaks(desktop)
    code, said = desktop.check(mode)
    assert code == 1
    assert sentence in said
    assert len(said.splitlines()) == 1


def test_a_socket_of_somebody_else_is_no_xdcv(desktop: Desktop) -> None:
    """An application pod's program took the place of the dead X server."""
    end(desktop.x_server)
    path = desktop.bench.sockets / "X0"
    path.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        assert desktop.check("live") == (1, "no Xdcv serves display :0 of session default-session")


def test_sockets_beside_ours_do_no_harm(desktop: Desktop) -> None:
    """The seed counted the folder's entries, and one application's socket made the desktop unhealthy."""
    (desktop.bench.sockets / "X7").write_text("left by a dead pod")
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(desktop.bench.sockets / "X5"))
        other.listen()
        assert desktop.check("ready") == (0, "")


def test_a_display_other_than_zero_is_followed(desktop: Desktop) -> None:
    """The socket X0 is then the agent's link to it."""
    second = start_x_server(desktop.bench.folder, desktop.bench.sockets / "X1")
    desktop.describe('{\n  "id" : "default-session",\n  "x11-display" : ":1"\n}')
    assert desktop.check("live") == (0, "")
    end(second)
    assert desktop.check("live") == (1, "no Xdcv serves display :1 of session default-session")


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("PutParameter failed: ThrottlingException\n", "PutParameter failed: ThrottlingException"),
        (None, "the agent has not published the display yet"),
    ],
)
def test_an_unpublished_display_is_alive_and_not_ready(desktop: Desktop, sentence: str | None, said: str) -> None:
    (desktop.bench.run_dir / "ready").unlink()
    if sentence:
        desktop.bench.file("run/not-ready", sentence)
    assert desktop.check("live") == (0, "")
    assert desktop.check("ready") == (1, said)


def test_another_session_name_is_asked_for(desktop: Desktop) -> None:
    desktop.bench.environ["DCV_SESSION"] = "lab"
    lose_session(desktop)
    assert desktop.check("live") == (1, "DCV session lab is gone")


def test_a_wrong_mode_is_refused(desktop: Desktop) -> None:
    assert desktop.check("maybe") == (1, "usage: check_healthy.sh live|ready")


def test_a_probe_is_cheap(desktop: Desktop) -> None:
    """Processor time, for the wall clock of a shared machine proves nothing: a probe every 10 s must not be felt."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert desktop.check("ready")[0] == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5

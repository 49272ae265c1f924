"""The entrypoint with an init that behaves as systemd does: its own stdout is gone, its units write to the FIFO."""

from __future__ import annotations

import stat
import subprocess

import pytest

from tests._support.scripts import Bench

_INIT = """exec >/dev/null 2>&1
echo "init says nothing" >&1
echo "a unit's line, container=$container pid=$$" >"$DESKTOP_CONSOLE"
"""


@pytest.fixture
def pod(bench: Bench) -> Bench:
    """A pod's /run with tokens, and what an earlier container left."""
    runtime = bench.folder / "pod-run"
    bench.file("pod-run/secrets/kubernetes.io/serviceaccount/token", "t")
    bench.file("pod-run/desktop/ready", ":0")
    bench.file("pod-run/desktop/failed-check_driver", "old")
    bench.file("pod-run/dbus/pid", "7")
    (runtime / "secrets").chmod(0o755)
    bench.fake("fake-init", _INIT)
    bench.environ |= {
        "DESKTOP_RUNTIME": str(runtime),
        "DCV_AGENT_RUN": str(runtime / "desktop"),
        "DESKTOP_CONSOLE": str(runtime / "desktop" / "console"),
        "DESKTOP_INIT": str(bench.folder / "bin" / "fake-init"),
        "NODE_NAME": "ip-10-0-0-7",
    }
    return bench


def lines(started: subprocess.Popen[str], count: int) -> list[str]:
    """The first lines of the container's stdout; the reader behind the FIFO stays, as in a pod."""
    assert started.stdout
    return [started.stdout.readline().rstrip("\n") for _ in range(count)]


def test_what_units_write_reaches_the_containers_stdout(pod: Bench) -> None:
    started = pod.start("run_script.sh")
    first, second = lines(started, 2)
    assert first.endswith("INFO the desktop starts session=default-session node=ip-10-0-0-7")
    assert second == f"a unit's line, container=docker pid={started.pid}"
    assert started.wait(timeout=10) == 0


def test_lines_come_after_the_first_writer_has_gone(pod: Bench) -> None:
    """A reader that stopped at the first end of file would leave the second writer waiting for ever."""
    pod.fake("fake-init", 'for n in 1 2 3; do bash -c "echo line $n" >"$DESKTOP_CONSOLE"; done')
    assert lines(pod.start("run_script.sh"), 4)[1:] == ["line 1", "line 2", "line 3"]


def test_tokens_are_closed_and_kept_and_the_rest_of_run_is_new(pod: Bench) -> None:
    pod.start("run_script.sh").wait(timeout=10)
    runtime = pod.folder / "pod-run"
    assert stat.S_IMODE((runtime / "secrets").stat().st_mode) == 0o700
    assert (runtime / "secrets/kubernetes.io/serviceaccount/token").read_text() == "t"
    assert sorted(path.name for path in runtime.iterdir()) == ["desktop", "secrets"]
    assert [path.name for path in (runtime / "desktop").iterdir()] == ["console"]
    assert stat.S_IMODE((runtime / "desktop").stat().st_mode) == 0o755
    console = (runtime / "desktop" / "console").stat()
    assert stat.S_ISFIFO(console.st_mode)
    assert stat.S_IMODE(console.st_mode) == 0o600


def test_a_pod_without_tokens_starts_too(pod: Bench) -> None:
    """automountServiceAccountToken: false, as on a laptop's docker."""
    token = pod.folder / "pod-run/secrets/kubernetes.io/serviceaccount/token"
    token.unlink()
    for folder in list(token.parents)[:3]:
        folder.rmdir()
    assert pod.start("run_script.sh").wait(timeout=10) == 0

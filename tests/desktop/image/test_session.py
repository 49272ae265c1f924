"""What runs inside the DCV session, DCV's certificate, and the follower of DCV's logs."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests._support.scripts import Bench


@pytest.mark.parametrize("desktops", [0, 1, 3])
def test_logging_out_gives_a_fresh_desktop_until_the_x_server_goes(bench: Bench, desktops: int) -> None:
    bench.environ["DESKTOP_PAUSE"] = "0"
    bench.fake("xset", f'[[ "$1" == q ]] || exit 0\n(( $(grep -c "^xset q" "$CALLS") <= {desktops} ))')
    bench.fake("dbus-run-session", "exit 1")
    assert bench.run("init_session.sh").returncode == 0
    assert bench.calls("dbus-run-session") == ["dbus-run-session -- xfce4-session"] * desktops
    assert bench.calls("xset")[0] == "xset s off -dpms"


@pytest.fixture
def tls(bench: Bench) -> Bench:
    """Nothing mounted; the test's own user in DCV's place."""
    owner = Path.home().stat()
    (bench.folder / "dcv").mkdir()
    bench.environ |= {
        "DESKTOP_TLS": str(bench.folder / "tls"),
        "DESKTOP_DCV": str(bench.folder / "dcv"),
        "DESKTOP_DCV_OWNER": f"{owner.st_uid}:{owner.st_gid}",
    }
    return bench


_OPENSSL = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=desktop.test"


def make_pair(folder: Path, name: str) -> tuple[Path, Path]:
    """A key and its certificate, made for one test."""
    folder.mkdir(exist_ok=True)
    key, certificate = folder / f"{name}.key", folder / f"{name}.crt"
    subprocess.run(
        [*_OPENSSL.split(), "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    return key, certificate


def test_without_a_mount_dcv_makes_its_own_certificate(tls: Bench) -> None:
    done = tls.run("certificate.sh")
    assert (done.returncode, "DCV makes a self-signed one" in done.stdout) == (0, True)
    assert list((tls.folder / "dcv").iterdir()) == []


def test_a_mounted_certificate_becomes_dcvs(tls: Bench) -> None:
    key, certificate = make_pair(tls.folder / "tls", "tls")
    done = tls.run("certificate.sh")
    assert done.returncode == 0, done.stdout
    assert (tls.folder / "dcv" / "dcv.key").read_text() == key.read_text()
    assert (tls.folder / "dcv" / "dcv.pem").read_text() == certificate.read_text()
    assert stat.S_IMODE((tls.folder / "dcv" / "dcv.key").stat().st_mode) == 0o600
    assert "PRIVATE" not in done.stdout


def cut_certificate(folder: Path) -> None:
    (folder / "tls.crt").write_text("no certificate")


def cut_key(folder: Path) -> None:
    (folder / "tls.key").write_text("no key")


def drop_key(folder: Path) -> None:
    (folder / "tls.key").unlink()


def swap_key(folder: Path) -> None:
    make_pair(folder, "other")[0].rename(folder / "tls.key")


@pytest.mark.parametrize(
    ("breaks", "sentence"),
    [
        (cut_certificate, "tls.crt is no certificate"),
        (cut_key, "tls.key is no private key"),
        (drop_key, "tls.key is no private key"),
        (swap_key, "tls.key does not belong to tls.crt"),
    ],
)
def test_a_broken_mount_is_refused_not_replaced(tls: Bench, breaks: Callable[[Path], None], sentence: str) -> None:
    """A self-signed certificate in its place would teach people to click warnings away."""
    make_pair(tls.folder / "tls", "tls")
    breaks(tls.folder / "tls")
    assert tls.run("certificate.sh").returncode == 1
    assert sentence in (tls.run_dir / "failed-certificate").read_text()
    assert list((tls.folder / "dcv").iterdir()) == []


def test_logs_of_dcv_and_systemd_are_followed(bench: Bench) -> None:
    log = bench.file("dcv/server.log", "server started\n")
    bench.environ["DESKTOP_DCV_LOGS"] = str(log.parent)
    bench.fake("journalctl", "echo dcv-agent.service failed; exec sleep 30")
    started = bench.start("logs.sh")
    assert started.stdout
    assert sorted(started.stdout.readline() for _ in range(2)) == ["dcv: server started\n", "systemd: dcv-agent.service failed\n"]
    with log.open("a") as stream:
        stream.write("licence checked\n")
    assert started.stdout.readline() == "dcv: licence checked\n"


def test_a_follower_that_dies_ends_the_unit(bench: Bench) -> None:
    """systemd then starts both again; one follower alone would hide the other's silence."""
    bench.environ["DESKTOP_DCV_LOGS"] = str(bench.folder)
    bench.fake("journalctl", "exit 1")
    assert bench.start("logs.sh").wait(timeout=10) != 0

"""The build's fetching steps, run for real in a sandbox with a fake curl: what is not what was asked for stops the build."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests._support.scripts import Bench

PACKAGES = ("nice-dcv-server", "nice-dcv-web-viewer", "nice-xdcv", "nice-dcv-gl")
FOLDER = "nice-dcv-2025.0-20103-ubuntu2404-x86_64"


def step(image: Path, bench: Bench, mark: str) -> str:
    """The shell of the RUN with this word, its folders moved into the sandbox."""
    text = re.sub(r"\\\n", " ", (image / "Dockerfile").read_text())
    run = next(line for line in text.splitlines() if line.startswith("RUN ") and mark in line)
    return re.sub(r"(?<![\w}/.])/(tmp|dcv|nvidia)\b", rf"{bench.folder}/\1", run.removeprefix("RUN "))


def build(image: Path, bench: Bench, mark: str, **arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs it as the Dockerfile's SHELL does, with these build arguments."""
    (bench.folder / "tmp").mkdir(exist_ok=True)
    command = ["bash", "-euo", "pipefail", "-c", step(image, bench, mark)]
    return subprocess.run(command, env=bench.environ | arguments, capture_output=True, text=True, timeout=20)


def archive(bench: Bench, packages: tuple[str, ...]) -> str:
    """DCV's archive with these packages, served by the fake curl; gives its sum."""
    for name in packages:
        bench.file(f"site/{FOLDER}/{name}_2025.0_amd64.ubuntu2404.deb", name)
    path = bench.folder / "site" / "dcv.tgz"
    with tarfile.open(path, "w:gz") as made:
        made.add(bench.folder / "site" / FOLDER, FOLDER)
    bench.fake("curl", f'while [[ "$1" != -o ]]; do shift; done; cp {path} "$2"')
    return hashlib.sha256(path.read_bytes()).hexdigest()


def dcv(image: Path, bench: Bench, sha: str) -> subprocess.CompletedProcess[str]:
    """The DCV step with this sum."""
    return build(image, bench, "DCV_SITE}", DCV_VERSION="2025.0-20103", DCV_SHA256=sha, DCV_SITE="https://dcv.test")


def test_dcvs_four_packages_are_taken(image: Path, bench: Bench) -> None:
    done = dcv(image, bench, archive(bench, (*PACKAGES, "nice-dcv-simple-external-authenticator")))
    assert done.returncode == 0, done.stderr
    assert sorted(path.name.split("_")[0] for path in (bench.folder / "dcv").iterdir()) == sorted(PACKAGES)
    assert bench.calls("curl")[0].endswith(f" https://dcv.test/2025.0/Servers/{FOLDER}.tgz")


def test_another_archive_stops_the_build_before_it_is_unpacked(image: Path, bench: Bench) -> None:
    archive(bench, PACKAGES)
    done = dcv(image, bench, "0" * 64)
    assert done.returncode != 0
    assert "FAILED" in done.stdout
    assert not (bench.folder / "tmp" / FOLDER).exists()


@pytest.mark.parametrize("missing", PACKAGES)
def test_a_missing_package_is_named(image: Path, bench: Bench, missing: str) -> None:
    done = dcv(image, bench, archive(bench, tuple(name for name in PACKAGES if name != missing)))
    assert done.returncode != 0
    assert f"DCV 2025.0-20103 brings no {missing} for Ubuntu 24.04" in done.stderr


@pytest.mark.parametrize(
    ("driver", "sha", "code", "said"),
    [
        ("", "", 0, ""),
        ("580.95.05", "", 1, "NVIDIA_DRIVER=580.95.05 needs NVIDIA_SHA256"),
        ("580.95.05", "0" * 64, 1, "did NOT match"),
        ("580.95.05", hashlib.sha256(b"installer").hexdigest(), 0, ""),
    ],
)
def test_a_driver_is_built_in_only_with_its_sum(image: Path, bench: Bench, driver: str, sha: str, code: int, said: str) -> None:
    bench.fake("curl", 'while [[ "$1" != -o ]]; do shift; done; printf installer >"$2"')
    done = build(image, bench, "NVIDIA_SITE}", NVIDIA_DRIVER=driver, NVIDIA_SHA256=sha, NVIDIA_SITE="https://nvidia.test")
    assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done.stderr
    assert bool(bench.calls("curl")) == bool(sha)

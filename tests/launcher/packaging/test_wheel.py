"""`pip install .` gives the launcher's three commands under the names people know, and nothing that builds hubs."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests._support.evidence import Evidence

pytestmark = pytest.mark.slow
COMMANDS = ("hpctl", "hydroplane", "local-secret-store")


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built in a copy, because setuptools leaves its folders beside what it builds."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(root / name, source)
    shutil.copytree(root / "modules", source / "modules", ignore=shutil.ignore_patterns("__pycache__"))
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(source)]
    done = subprocess.run(build, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (made,) = folder.glob("*.whl")
    return made


def test_it_holds_the_launcher_alone(wheel: Path) -> None:
    names = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".py")]
    rooms = {"/".join(name.split("/")[:2]) for name in names}
    assert rooms == {"modules/common", "modules/launcher"}


def test_its_commands_start(wheel: Path, tmp_path: Path, evidence: Evidence) -> None:
    archive = zipfile.ZipFile(wheel)
    (listed,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
    archive.extractall(tmp_path / "installed")
    points = configparser.ConfigParser()
    points.read_string(archive.read(listed).decode())
    assert sorted(points["console_scripts"]) == list(COMMANDS)
    for name, target in points["console_scripts"].items():
        module, _, function = target.partition(":")
        code = f"import sys; sys.argv[0] = {name!r}; from {module} import {function}; sys.exit({function}(['--help']))"
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={"PYTHONPATH": str(tmp_path / "installed"), "PATH": ""},
            capture_output=True,
            text=True,
        )
        assert (done.returncode, name in done.stdout) == (0, True), done.stderr
    evidence.record("pip install .: hydroplane, hpctl and local-secret-store start from the wheel alone", "exercised")

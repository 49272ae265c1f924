"""The Dockerfile under hadolint, the scripts under shellcheck, the units under systemd-analyze, and what no tool knows."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def tool(name: str) -> str:
    """A linter of tests/requirements.txt, also when the venv is not on PATH; a missing one fails."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    assert found, f"missing: {name} is in tests/requirements.txt"
    return found


def lint(*command: str | Path, cwd: Path) -> str:
    """What the linter has to say."""
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=120)
    return done.stdout + done.stderr + ("" if done.returncode == 0 else f"\nexit {done.returncode}")


def test_hadolint_finds_nothing(image: Path) -> None:
    assert lint(tool("hadolint"), "--no-color", "-c", "hadolint.yaml", "Dockerfile", cwd=image) == ""


def test_hadolint_bites(image: Path, tmp_path: Path) -> None:
    """Green must not mean that nothing was read."""
    (tmp_path / "Dockerfile").write_text("FROM ubuntu:latest\nRUN cd /tmp && pip install boto3\n")
    said = lint(tool("hadolint"), "--no-color", "-c", image / "hadolint.yaml", "Dockerfile", cwd=tmp_path)
    assert {"DL3007", "DL3013"} <= set(re.findall(r"DL\d+", said))


def test_every_ignored_rule_has_its_reason(image: Path) -> None:
    lines = (image / "hadolint.yaml").read_text().splitlines()
    ignored = [number for number, line in enumerate(lines) if re.search(r"- (DL|SC)\d+", line)]
    assert ignored
    assert [lines[number] for number in ignored if not lines[number - 1].lstrip().startswith("#")] == []
    assert "hadolint ignore" not in (image / "Dockerfile").read_text()


def scripts(image: Path) -> list[Path]:
    """The image's scripts."""
    found = sorted((image / "scripts").glob("*.sh"))
    assert len(found) >= 8
    return found


def test_shellcheck_finds_nothing(image: Path, root: Path) -> None:
    assert lint(tool("shellcheck"), "-x", "-P", root, *scripts(image), cwd=root) == ""


def test_scripts_are_strict_short_and_executable(image: Path) -> None:
    for script in scripts(image):
        text = script.read_text()
        if script.name == "sentences.sh":
            continue
        assert "\nset -euo pipefail\n" in text, script.name
        assert script.stat().st_mode & 0o111, script.name
        assert len(text.splitlines()) < 110, script.name


def test_nobody_opens_the_display_to_everybody(image: Path) -> None:
    """`xhost +` (the seed's way) lets every pod on the node read the keyboard; a named local user is another matter."""
    opened = re.compile(r"xhost\s+'?\+(?!si:localuser:)")
    files = [path for folder in ("scripts", "units", "etc") for path in (image / folder).rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if opened.search(path.read_text())] == []
    assert opened.search("xhost +")
    assert opened.search("xhost +local:")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze on this machine")
def test_systemd_takes_every_unit(image: Path, tmp_path: Path) -> None:
    """In a root laid out as the Dockerfile lays it out; the package's dcvserver.service is played by a stub."""
    units = tmp_path / "etc/systemd/system"
    shutil.copytree(image / "units", units)
    shutil.copytree(image / "scripts", tmp_path / "usr/local/bin")
    shutil.copytree("/usr/lib/systemd/system", tmp_path / "usr/lib/systemd/system", symlinks=True)
    for program in ("opt/dcv_agent/bin/python3", "usr/bin/dcvserver", "bin/rm"):
        (tmp_path / program).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/true", tmp_path / program)
    (units / "dcvserver.service").write_text("[Service]\nExecStart=/usr/bin/dcvserver\n")
    names = [path.name for path in units.glob("*.service")]
    analyze = ("systemd-analyze", "verify", "--man=no", f"--root={tmp_path}")
    assert len(names) >= 7
    assert lint(*analyze, *names, cwd=units) == ""
    (tmp_path / "usr/local/bin/logs.sh").unlink()
    assert "logs.sh is not executable" in lint(*analyze, "desktop-logs.service", cwd=units)

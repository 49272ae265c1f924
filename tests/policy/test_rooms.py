"""Every room has an import contract, and the contracts hold a planted fault (a contract that matches nothing is green too)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

CONTRACTS = "tests/policy/importlinter.ini"


def _rooms(root: Path) -> list[str]:
    """Packages and single files below modules/; a folder without Python in it is no room yet."""
    paths = [path for path in (root / "modules").iterdir() if path.name != "__init__.py"]
    return sorted(path.stem for path in paths if path.suffix == ".py" or any(path.glob("*.py")))


def test_every_room_is_named_in_a_contract(root: Path) -> None:
    contracts = ConfigParser()
    contracts.read(root / CONTRACTS)
    named = {
        line.strip().removesuffix(".**")
        for section in contracts.sections()
        for key in ("source_modules", "forbidden_modules")
        for line in contracts[section].get(key, "").splitlines()
    }
    rooms = _rooms(root)
    assert "common" in rooms
    assert [room for room in rooms if f"modules.{room}" not in named] == []


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("iam", "import modules.config"),
        ("iam", "import boto3"),
        ("config", "import modules.iam.trust"),
        ("config", "import boto3"),
        ("ops", "import modules.stacks"),
        ("ops", "import cdktf"),
        ("ops", "import modules.rehearsal"),
        ("aws", "import constructs"),
        ("rehearsal", "import modules.ops"),
        ("common", "import yaml"),
    ],
)
def test_a_planted_import_breaks_a_contract(root: Path, tmp_path: Path, room: str, line: str) -> None:
    shutil.copytree(root / "modules", tmp_path / "modules", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "modules" / room / "planted.py").write_text(f"{line}\n")
    linter = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run(
        [linter, "--config", root / CONTRACTS, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert f"modules.{room}.planted" in ran.stdout

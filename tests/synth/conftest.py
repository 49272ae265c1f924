"""One synth of every shipped env, the way `cdktf synth` does it, shared by all tests of this folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

Documents = dict[str, dict[str, Any]]


def synthesise(root: Path, outdir: Path, **environment: str) -> None:
    """Run main.py as a child, as the runner does; fails with what it said."""
    done = subprocess.run(
        [sys.executable, "main.py"],
        cwd=root,
        env={**os.environ, "CDKTF_OUTDIR": str(outdir), **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


def read_stacks(outdir: Path) -> Documents:
    """Stack name → parsed cdk.tf.json."""
    found = {path.parent.name: json.loads(path.read_text()) for path in sorted(outdir.glob("stacks/*/cdk.tf.json"))}
    assert found, f"no stack below {outdir}"
    return found


@pytest.fixture(scope="session")
def outdir(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one synth of every env wrote."""
    written = tmp_path_factory.mktemp("synth")
    synthesise(root, written)
    return written


@pytest.fixture(scope="session")
def stacks(outdir: Path) -> Documents:
    """Every stack of every env."""
    return read_stacks(outdir)


@pytest.fixture(scope="session")
def manifest(outdir: Path) -> dict[str, Any]:
    """The engine's own account of the stacks and what each depends on."""
    found: dict[str, Any] = json.loads((outdir / "manifest.json").read_text())
    return found

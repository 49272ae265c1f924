"""./hub ray's command line, and the seed's make commands, which call it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from modules.ops.cli import main

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["up"], "Missing argument"),
        (["grow", "daft"], '"grow" is none of status, up, down, scale, check'),
        (["scale", "daft"], "scale needs --workers N"),
        (["down", "daft", "--workers", "3"], "--workers says nothing to down"),
        (["up", "daft", "--yes"], "--yes says nothing to up"),
        (["status", "daft", "--no-wait"], "--no-wait says nothing to status"),
        (["status", "demo"], "demo has no Ray cluster"),
        (["status", "daft", "other"], 'daft has no Ray cluster "other"; it has: default'),
    ],
)
def test_what_says_nothing_is_refused(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ray", *arguments]) == 1
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "called"),
    [
        (["ray-up"], "ray up daft default --workers 4"),
        (["ray-up", "CLUSTER_NAME=big", "WORKER_REPLICA_COUNT=9", "HUB_ENV=lab"], "ray up lab big --workers 9"),
        (["ray-down"], "ray down daft default"),
        (["ray-down", "CLUSTER_NAME=big", "YES=1"], "ray down daft big --yes"),
        (["ray-up", "CLUSTER_NAME=a; touch broken"], "ray up daft a; touch broken --workers 4"),
    ],
)
def test_the_seeds_make_commands(tmp_path: Path, words: list[str], called: str) -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("NO MAKE on PATH: the seed's aliases were not run")
    shutil.copy(ROOT / "Makefile", tmp_path)
    hub = tmp_path / "hub"
    hub.write_text('#!/bin/sh\necho "$#: $*"\nexit 7\n')
    hub.chmod(0o755)
    done = subprocess.run([make, *words], cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False)
    assert f": {called}\n" in done.stdout
    assert "Error 7" in done.stderr, "what ./hub ends with is an error of make's"
    assert not (tmp_path / "broken").exists()

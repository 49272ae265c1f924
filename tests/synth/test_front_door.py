"""main.py: one env or all, and a sentence instead of a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ("nowhere", "nowhere"),
        ("Not An Env", "Not An Env"),
    ],
)
def test_an_unknown_env_is_a_sentence(root: Path, tmp_path: Path, env: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "main.py"],
        cwd=root,
        env={**os.environ, "HUB_ENV": env, "CDKTF_OUTDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("cdk.tf.json"))

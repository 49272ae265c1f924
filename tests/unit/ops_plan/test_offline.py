"""What a fork's pull request gets: the workflow's own steps with the real ./hub, Terraform and AWS provider, no credentials."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from modules.ops.pull_request import offline
from modules.ops.pull_request.report import marker
from tests._support.checkout import Checkout
from tests._support.workflow import ROOT, Runner, Workflow, pull_request

pytestmark = [pytest.mark.engine, pytest.mark.slow]
#: The front door without its virtual environment, which a copy of the repository does not have.
HUB = f'#!/bin/bash\nPYTHONPATH="$PWD" exec {sys.executable} -P -m modules.ops "$@"\n'
SAME = "github.event.pull_request.head.repo.full_name == github.repository && vars.HUB_PLAN_ENVS || ''"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The repository, not yet under git."""
    root = tmp_path / "checkout"
    Checkout.make(root)
    (root / "hub").write_text(HUB)
    return root


@pytest.mark.parametrize(
    ("env", "old", "new", "code", "words"),
    [
        ("dandi", "  stage: production", "  stage: testing", "2", ("`tags.stage`: `production` → `testing`", "waits for cluster")),
        ("demo", "nat: single", "nat: twice", "1", ("no plan", "network.nat")),
    ],
)
def test_a_fork_gets_a_plan_or_what_is_wrong(
    tmp_path: Path, checkout: Path, env: str, old: str, new: str, code: str, words: tuple[str, ...]
) -> None:
    file = checkout / "envs" / env / "hub.yaml"
    written = file.read_text()
    assert old in written
    pull_request(checkout, {f"envs/{env}/hub.yaml": written.replace(old, new)})
    runner = Runner(Workflow(ROOT / ".github/workflows/diff.yml"), checkout, tmp_path / "runner", {"matrix.env": env, SAME: ""})
    for job, name in (("changes", "Find the envs"), ("offline", "Lay out the base"), ("offline", "Plan")):
        answer = runner.run(job, name)
        assert answer.returncode == 0, answer.stdout + answer.stderr
    assert runner.outputs["envs"] == env
    report = (checkout / f"report/{env}.md").read_text()
    assert (checkout / f"report/{env}.code").read_text().strip() == code, answer.stdout + answer.stderr + report
    assert report.startswith(marker(env))
    assert [each for each in words if each not in report] == []
    assert (offline.NOTE in report) is (code == "2")
    assert list((checkout / ".hubsmith").rglob("emulator.json")) == []

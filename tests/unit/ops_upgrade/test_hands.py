"""Terraform's part of an upgrade at the engine's seam: which stacks, and what becomes of a bad end."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.ops.failures.terraform import Failure
from modules.ops.layout import Layout, write_private
from modules.ops.results import RunResult, StackResult
from modules.ops.synth import Stack
from modules.ops.upgrade.hands import EnvHands
from tests.unit.ops_aws.support import make_config

FAILED = Failure("denied", "aws_eks_cluster.main: AWS refused UpdateClusterVersion", "AccessDenied", "give the role the permission")


@dataclass
class FakeBench:
    """A workbench whose engine ends as it is told; it notes which stacks were asked for."""

    layout: Layout
    end: RunResult
    asked: list[list[str]] = field(default_factory=list)
    recorded: list[int] = field(default_factory=list)
    stacks: tuple[Stack, ...] = tuple(Stack(f"lab-{name}", (), Path("none")) for name in ("data", "network", "cluster", "platform", "hub"))

    def engine(self) -> FakeBench:
        return self

    def up(self, stacks: list[Stack]) -> RunResult:
        self.asked.append([each.name for each in stacks])
        return self.end

    def record(self, command: str, exit_code: int, result: RunResult) -> None:
        assert command == "upgrade"
        self.recorded.append(exit_code)


def make(root: Path, *results: StackResult, interrupted: bool = False) -> tuple[EnvHands, FakeBench]:
    bench = FakeBench(Layout(root, "lab"), RunResult(results, 1.0, interrupted))
    found: Any = bench
    nothing: Any = None
    return EnvHands(make_config(), nothing, nothing, "1.36", lambda: found), bench


def test_one_stack_is_applied(tmp_path: Path) -> None:
    hands, bench = make(tmp_path, StackResult("lab-cluster", "applied"))
    hands.apply("cluster")
    assert (bench.asked, bench.recorded) == ([["lab-cluster"]], [0])


def test_a_failure_keeps_its_words(tmp_path: Path) -> None:
    hands, bench = make(tmp_path, StackResult("lab-cluster", "failed", failure=FAILED))
    with pytest.raises(HubError, match="AWS refused UpdateClusterVersion: AccessDenied") as failed:
        hands.apply("cluster")
    assert (failed.value.where, failed.value.fix, bench.recorded) == ("lab-cluster", FAILED.fix, [1])


def test_an_interrupt_goes_on_upwards(tmp_path: Path) -> None:
    hands, _ = make(tmp_path, StackResult("lab-cluster", "interrupted"), interrupted=True)
    with pytest.raises(KeyboardInterrupt):
        hands.apply("cluster")


def test_what_eks_moved_is_read_back(tmp_path: Path) -> None:
    """The mark makes the engine read a stack back; one that stands from a kill keeps what it says."""
    hands, bench = make(tmp_path, StackResult("lab-cluster", "unchanged"), StackResult("lab-platform", "unchanged"))
    marks = [bench.layout.unsettled(f"lab-{name}") for name in ("cluster", "platform")]
    write_private(marks[1], "applying")
    hands.read_back()
    assert [mark.read_text() for mark in marks] == ["", "applying"]
    assert bench.asked == [["lab-cluster", "lab-platform"]]

"""Where in a cleanup nodes go: after what stands on the platform, before the platform, and not after a failure."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from modules.ops import cleanup as module
from modules.ops.cleanup import CleanupOptions
from modules.ops.progress import Display
from modules.ops.results import RunResult, StackResult
from modules.ops.synth import Stack
from tests.unit.ops_aws.support import make_config

EDGES = {
    "network": (),
    "cluster": ("lab-network",),
    "platform": ("lab-cluster",),
    "hub": ("lab-platform", "lab-cluster"),
    "launcher": ("lab-hub",),
}


@dataclass
class Bench:
    """As much of a Workbench as the order needs."""

    done: list[str] = field(default_factory=list)
    fails: str = ""

    @property
    def stacks(self) -> tuple[Stack, ...]:
        return tuple(Stack(f"lab-{name}", depends, Path("nowhere")) for name, depends in EDGES.items())

    def empty_pools(self) -> None:
        self.done.append("nodes")


ALL = ["hub,launcher", "nodes", "cluster,platform"]


@pytest.mark.parametrize(
    ("going", "fails", "expected"),
    [
        (("cluster", "platform", "hub", "launcher"), "", ALL),
        (("cluster", "platform", "hub", "launcher"), "lab-hub", ["hub,launcher"]),
        (("cluster", "platform"), "", ["", "nodes", "cluster,platform"]),
        (("hub",), "", ["hub"]),
    ],
    ids=["all", "failed", "again", "alone"],
)
def test_nodes_go_between(going: tuple[str, ...], fails: str, expected: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(fails=fails)

    def down(_: Any, stacks: Any) -> RunResult:
        names = [each.name for each in stacks]
        bench.done.append(",".join(sorted(name.removeprefix("lab-") for name in names)))
        return RunResult(tuple(StackResult(name, "failed" if name == fails else "destroyed") for name in names), 0.0)

    monkeypatch.setattr(module, "_down", down)
    work = module._Cleanup(Path(), make_config(), CleanupOptions(), Display("lab"))
    stacks = [each for each in bench.stacks if each.name.removeprefix("lab-") in going]
    result = work._down_inside(cast(Any, bench), stacks, cast(Any, bench))
    assert bench.done == expected
    assert result.is_fine is not bool(fails)

"""The table of choices in docs/cost.md: each figure is a difference of two estimates, to the cent. And the README's table of envs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from modules.ops.cost.estimate import estimate
from modules.ops.cost.model import Estimate
from tests._support import config_cases
from tests._support.pools import ROOT, config_of
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_cost.test_lean import LEAN

_POOLS = {"default": {"families": ["m5"], "sizes": ["xlarge"]}, "seats": {"families": ["g4dn"], "sizes": ["xlarge"], "gpu": "nvidia"}}
_SEAT = {"image": "dcv:1", "cidrs": ["192.0.2.0/24"], "pool": "seats", "cpu": 2, "memory": "8G"}


def of(**changes: Any) -> Estimate:
    return estimate(make_config(region="us-east-1", **changes))


@pytest.mark.parametrize(
    ("row", "before", "after"),
    [
        ("`cluster.core.disk.size_gib: 20`", {}, {"cluster": {"core": {"disk": {"size_gib": 20}}}}),
        ("`cluster.core`: two t4g.medium", {}, {"cluster": {"core": {"instance_types": ["t4g.medium"], "arch": "arm64"}}}),
        ("`cluster.core.min: 1`", {}, {"cluster": {"core": {"min": 1}}}),
        ("`hub.load_balancer: internal`", {}, {"hub": {**make_config().hub.model_dump(), "load_balancer": "internal"}}),
        ("`network.nat: single`", {"network": {"nat": "per-az"}}, {}),
        ("one interface endpoint less", {"network": {"endpoints": {"interface": ["sts"]}}}, {}),
        ("`desktop.stop_idle_hours`", {"pools": _POOLS, "desktop": _SEAT}, {"pools": _POOLS, "desktop": {**_SEAT, "stop_idle_hours": 8}}),
    ],
)
def test_a_choice_saves_what_the_table_says(row: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    _says(row, of(**before).idle - of(**after).idle)


def test_sleeping_saves_what_the_table_says() -> None:
    found = of()
    _says("`./hub sleep`", found.idle - found.asleep)
    _says("`./hub sleep --remove-nat`", found.nat)
    _says("`./hub sleep --deep`", found.asleep_without_nat - found.asleep_deep)


@pytest.mark.parametrize("env", ["dandi", "linc", "helio", "demo", "addf", "daft", "lean"])
def test_the_readme_says_what_we_estimate(env: str, tmp_path: Path) -> None:
    found = estimate(config_cases.load(tmp_path, LEAN.read_text()) if env == "lean" else config_of(env))
    (line,) = [each for each in (ROOT / "README.md").read_text().splitlines() if re.match(rf"\|[^|]*\b{env}\b[^|]*\| [\d,]+ \|", each)]
    assert found.default is not None
    figures = [found.idle, found.asleep, found.asleep_without_nat, found.asleep_deep, found.storage]
    assert [cell.strip() for cell in line.split("|")[2:-1]] == [*(f"{each:,.0f}" for each in figures), f"{found.default.on_demand:.2f}"]


def _says(row: str, saved: float) -> None:
    (line,) = [each for each in (ROOT / "docs" / "cost.md").read_text().splitlines() if each.startswith(f"| {row}")]
    assert float(line.split("|")[2]) == pytest.approx(saved, abs=0.005)

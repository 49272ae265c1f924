"""The table of choices in docs/cost.md: each figure is a difference of two estimates, to the cent."""

from __future__ import annotations

from typing import Any

import pytest

from modules.ops.cost.estimate import estimate
from modules.ops.cost.model import Estimate
from tests._support.pools import ROOT
from tests.unit.ops_aws.support import make_config

_POOLS = {"default": {"families": ["m5"], "sizes": ["xlarge"]}, "seats": {"families": ["g4dn"], "sizes": ["xlarge"], "gpu": "nvidia"}}
_SEAT = {"image": "dcv:1", "cidrs": ["192.0.2.0/24"], "pool": "seats", "cpu": 2, "memory": "8G"}


def of(**changes: Any) -> Estimate:
    return estimate(make_config(region="us-east-1", **changes))


@pytest.mark.parametrize(
    ("row", "before", "after"),
    [
        ("`cluster.core.disk.size_gib: 20`", {}, {"cluster": {"core": {"disk": {"size_gib": 20}}}}),
        ("`cluster.core`: two t4g.medium", {}, {"cluster": {"core": {"instance_types": ["t4g.medium"], "arch": "arm64"}}}),
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


def _says(row: str, saved: float) -> None:
    (line,) = [each for each in (ROOT / "docs" / "cost.md").read_text().splitlines() if each.startswith(f"| {row}")]
    assert float(line.split("|")[2]) == pytest.approx(saved, abs=0.005)

"""What the least hub costs, and which part of it each choice is. Figures by hand, as in test_by_hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from modules.config.models import HubConfig
from modules.ops.cost.estimate import estimate
from tests._support import config_cases

LEAN = config_cases.CASES.parent / "cost" / "lean.yaml"
#: Control plane, one t4g.medium, one NAT gateway, one load balancer: what people add up who compare hubs.
FOUR_LINES = (0.10 + 0.0336 + 0.045 + 0.0225) * 730
#: What the bill has besides: root volume, public addresses, 10 GB through NAT, zone, two keys, three secrets, logs.
THE_REST = 20 * 0.08 + 3 * 0.005 * 730 + 10 * 0.045 + 0.50 + 2 * 1.00 + 3 * 0.40 + (5 * 0.50 + 5 * 3 * 0.03) + (0.50 + 0.09)
#: Control plane, zone, keys, secrets, 1 GB of logs and those kept.
DEEP = 0.10 * 730 + 0.50 + 2.00 + 1.20 + 0.50 + 0.45 + 0.09


@pytest.fixture
def lean(tmp_path: Path) -> HubConfig:
    return config_cases.load(tmp_path, LEAN.read_text())


def test_a_lean_env_idles_below_185_the_whole_bill(lean: HubConfig) -> None:
    found = estimate(lean)
    main = {"control-plane", "core", "nat", "hub-balancer"}
    assert sum(each.month or 0 for each in found.lines if each.key in main) == pytest.approx(FOUR_LINES, rel=0.001)
    assert found.idle == pytest.approx(FOUR_LINES + THE_REST, rel=0.001)
    assert found.idle <= 185


def test_asleep_by_its_three_levels(lean: HubConfig) -> None:
    """As it is it keeps NAT, load balancer and their three addresses; without NAT the address of NAT still; deep none of them."""
    found = estimate(lean)
    assert found.asleep == pytest.approx(DEEP + (0.045 + 0.0225 + 3 * 0.005) * 730, rel=0.001)
    assert found.asleep_without_nat == pytest.approx(DEEP + (0.0225 + 3 * 0.005) * 730, rel=0.001)
    assert found.asleep_deep == pytest.approx(DEEP, rel=0.001)
    assert found.asleep_deep <= 80

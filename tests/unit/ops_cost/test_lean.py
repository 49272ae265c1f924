"""What the least hub costs, and which part of it each choice is. Figures by hand, as in test_by_hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from modules.config.models import HubConfig
from modules.ops.cost.estimate import estimate
from tests._support import config_cases

LEAN = config_cases.CASES.parent / "cost" / "lean.yaml"
#: Control plane, two t4g.medium, one NAT gateway, one load balancer: what people add up who compare hubs.
FOUR_LINES = (0.10 + 2 * 0.0336 + 0.045 + 0.0225) * 730
#: What the bill has besides: root volumes, public addresses, 10 GB through NAT, zone, two keys, three secrets, logs.
THE_REST = (
    2 * 20 * 0.08 + 3 * 0.005 * 730 + 10 * 0.045 + 0.50 + 2 * 1.00 + 3 * 0.40 + (5 * 0.50 + 5 * 3 * 0.03) + (0.50 + 0.03) + (0.50 + 0.09)
)


@pytest.fixture
def lean(tmp_path: Path) -> HubConfig:
    return config_cases.load(tmp_path, LEAN.read_text())


def test_a_lean_env_idles_below_185_by_the_four_lines_and_the_bill_is_whole(lean: HubConfig) -> None:
    found = estimate(lean)
    main = {"control-plane", "core", "nat", "hub-balancer"}
    assert sum(each.month or 0 for each in found.lines if each.key in main) == pytest.approx(FOUR_LINES, rel=0.001)
    assert FOUR_LINES <= 185
    assert found.idle == pytest.approx(FOUR_LINES + THE_REST, rel=0.001)


def test_asleep_it_costs_below_80_and_what_holds_its_addresses(lean: HubConfig) -> None:
    """Sleep keeps the load balancer, and the NAT gateway's address: names and allow-lists of others point there."""
    found = estimate(lean)
    assert found.asleep - found.nat - found.balancers - 0.005 * 730 <= 80
    assert found.asleep == pytest.approx(
        # Control plane, NAT and load balancer with their addresses, zone, keys, secrets, 1 GB of logs and those kept.
        (0.10 + 0.045 + 0.0225 + 3 * 0.005) * 730 + 0.50 + 2.00 + 1.20 + 0.50 + 0.45 + 0.03 + 0.09,
        rel=0.001,
    )

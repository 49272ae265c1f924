"""Subnets: inside their VPC, apart from each other, large enough."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.common import cidr


def test_the_usual_plan() -> None:
    plan = cidr.plan_subnets("10.1.0.0/21", "100.64.0.0/16", 2)
    assert plan.private == ("10.1.0.0/24", "10.1.1.0/24")
    assert plan.public == ("10.1.6.0/26", "10.1.6.64/26")
    assert plan.data_plane == ("100.64.0.0/17", "100.64.128.0/17")


@given(st.integers(16, cidr.SMALLEST_VPC_PREFIX), st.integers(1, cidr.MAX_AZS))
def test_every_plan_is_disjoint_and_inside(prefix: int, zones: int) -> None:
    vpc, data_plane = f"10.0.0.0/{prefix}", "100.64.0.0/16"
    plan = cidr.plan_subnets(vpc, data_plane, zones)
    inside = [IPv4Network(text) for text in (*plan.public, *plan.private)]
    assert all(net.subnet_of(IPv4Network(vpc)) for net in inside)
    assert all(IPv4Network(text).subnet_of(IPv4Network(data_plane)) for text in plan.data_plane)
    every = [*inside, *map(IPv4Network, plan.data_plane)]
    assert not [pair for pair in combinations(every, 2) if pair[0].overlaps(pair[1])]
    assert len(every) == 3 * zones
    assert all(net.prefixlen <= 28 for net in every)


@given(st.integers(16, cidr.SMALLEST_VPC_PREFIX), st.integers(1, cidr.MAX_AZS - 1))
def test_another_zone_moves_no_subnet_of_the_vpc(prefix: int, zones: int) -> None:
    """Only the data plane is cut anew; a moved subnet would be destroyed and made again."""
    before = cidr.plan_subnets(f"10.0.0.0/{prefix}", "100.64.0.0/16", zones)
    after = cidr.plan_subnets(f"10.0.0.0/{prefix}", "100.64.0.0/16", zones + 1)
    assert after.private[:zones] == before.private
    assert after.public[:zones] == before.public


@pytest.mark.parametrize("zones", [0, cidr.MAX_AZS + 1])
def test_zones_have_bounds(zones: int) -> None:
    with pytest.raises(ValueError, match="1 to 6"):
        cidr.plan_subnets("10.0.0.0/16", "100.64.0.0/16", zones)


@pytest.mark.parametrize(("text", "count"), [("10.0.0.0/24", 251), ("10.0.0.0/28", 11), ("10.0.0.0/32", 0)])
def test_usable(text: str, count: int) -> None:
    assert cidr.usable_addresses(text) == count


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [("10.0.0.0/16", "10.0.1.0/24", True), ("10.0.0.0/16", "10.1.0.0/16", False), ("100.64.0.0/16", "172.20.0.0/16", False)],
)
def test_overlaps(one: str, other: str, shared: bool) -> None:
    assert cidr.overlaps(one, other) is shared
    assert cidr.overlaps(other, one) is shared

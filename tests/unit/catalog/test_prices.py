"""Prices, against figures known from elsewhere, and that none is missing where an env could meet it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from modules.catalog import prices
from modules.catalog.instances import families
from modules.catalog.prices import REGION_FACTORS, price
from modules.config.place import places
from tests._support.pools import ENVS, config_of

PRICES = Path(prices.__file__).with_name("prices.txt")


@pytest.mark.parametrize(
    ("instance_type", "region", "amount", "exact"),
    [
        ("m5.2xlarge", "us-east-1", 0.384, True),
        ("c5.9xlarge", "us-east-1", 1.53, True),
        ("g4dn.2xlarge", "us-east-2", 0.752, False),
        ("t3a.medium", "us-west-2", 0.0376, False),
        ("c4.8xlarge", "us-east-1", 1.591, True),
        ("m6g.metal", "us-east-1", 2.464, True),
        ("inf2.8xlarge", "us-east-1", 1.96786, True),
        ("m5.xlarge", "eu-central-1", 0.23, False),
    ],
)
def test_prices(instance_type: str, region: str, amount: float, exact: bool) -> None:
    found = price(instance_type, region)
    assert found is not None
    assert found.amount == pytest.approx(amount, rel=0.002)
    assert found.exact is exact


@pytest.mark.parametrize(
    ("instance_type", "region"),
    [
        ("m5.gigantic", "us-east-1"),
        ("zz9.large", "us-east-1"),
        ("m5.large", "mars-north-1"),
        ("p5e.48xlarge", "us-east-1"),
        ("i8g.metal-48xl", "us-east-1"),
    ],
)
def test_what_nobody_sells_has_no_price(instance_type: str, region: str) -> None:
    assert price(instance_type, region) is None


@pytest.mark.parametrize("env", ENVS)
def test_every_type_an_env_can_use_has_a_price(env: str) -> None:
    config = config_of(env)
    for place in places(config).values():
        assert [each for each in place.types if price(each, config.region) is None] == []


def test_larger_is_dearer_within_a_family() -> None:
    """By CPUs alone: cards make some sizes of the accelerated families dear out of turn."""
    compared = 0
    for sizes in families().values():
        priced = ((shape.vcpu, price(shape.type, "us-east-1")) for shape in sizes.values() if not shape.accelerators)
        known = [(cpu, found.amount) for cpu, found in priced if found]
        for (cpu, cost), (more_cpu, more) in pairwise(known):
            compared += 1
            assert more > cost or more_cpu <= cpu
    assert compared > 600


def test_no_price_is_of_a_size_that_the_catalog_lacks() -> None:
    for line in PRICES.read_text().splitlines():
        if not line.startswith("#"):
            family, _, *cells = line.split()
            assert {cell.split(":")[0] for cell in cells} <= families()[family].keys(), family


def test_regions_are_dearer_than_the_cheapest_but_not_twice() -> None:
    assert all(1 <= factor < 1.7 for factor in REGION_FACTORS.values())

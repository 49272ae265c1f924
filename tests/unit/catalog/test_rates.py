"""The rates of everything but instances: dated, sourced, exact only where they are."""

from __future__ import annotations

from datetime import date

import pytest

from modules.catalog import prices, rates, volumes
from modules.catalog.rates import RATES, rate


@pytest.mark.parametrize(
    ("key", "region", "usd", "exact"),
    [
        ("nat", "us-east-1", 0.045, True),
        ("nat", "us-east-2", 0.045, False),
        ("nat", "eu-central-1", 0.054, False),
        ("eks", "eu-central-1", 0.10, True),
        ("eks", "ap-south-1", 0.10, True),
        ("secret", "sa-east-1", 0.40, True),
    ],
)
def test_rates(key: str, region: str, usd: float, exact: bool) -> None:
    found = rate(key, region)
    assert found is not None
    assert (found.amount, found.exact) == (pytest.approx(usd), exact)


@pytest.mark.parametrize(("key", "region"), [("nat", "ap-south-1"), ("eks", "cn-north-1"), ("ipv4", "us-gov-west-1")])
def test_a_region_we_do_not_know_has_no_rate(key: str, region: str) -> None:
    assert rate(key, region) is None


@pytest.mark.parametrize("key", RATES)
def test_every_row_says_where_it_is_from(key: str) -> None:
    row = RATES[key]
    assert row.source.startswith("https://aws.amazon.com/")
    assert row.source.endswith("/pricing/")
    assert row.usd > 0
    assert bool(row.service) == bool(row.usage)


def test_both_tables_are_dated() -> None:
    assert date(2026, 1, 1) < prices.CHECKED <= rates.CHECKED


def test_a_volume_costs_by_its_gibibytes() -> None:
    assert volumes.month(100, "us-east-1") == pytest.approx(8.0)
    assert volumes.month(100, "mars-north-1") is None

"""What an instance costs an hour on demand, as far as the catalog knows. Spot is never promised: it costs less, and changes hourly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from modules.catalog.instances import families

#: The day of AWS's price list that prices.txt was made from.
CHECKED = date(2026, 1, 19)
#: How a region's prices compare with us-east-1, whose figures prices.txt holds: the median over 300 to 600 types in the price list of
#: PyPI apache-libcloud 3.9.1 (2025-03-02). Half of a region's types lie within 3 to 6 percent of it. A region not here has no price.
REGION_FACTORS = {
    "us-east-1": 1.0,
    "us-east-2": 1.0,
    "us-west-1": 1.18,
    "us-west-2": 1.0,
    "ca-central-1": 1.1,
    "eu-central-1": 1.2,
    "eu-north-1": 1.06,
    "eu-west-1": 1.12,
    "eu-west-2": 1.18,
    "eu-west-3": 1.18,
    "ap-northeast-1": 1.29,
    "ap-southeast-1": 1.23,
    "ap-southeast-2": 1.26,
    "sa-east-1": 1.59,
}


@dataclass(frozen=True)
class Price:
    """USD an hour. `exact` is False where the figure comes from another region's by a factor."""

    amount: float
    exact: bool


def price(instance_type: str, region: str) -> Price | None:
    """The on-demand price of one type in one region; None where the catalog knows no price or no such region."""
    base, factor = _listed().get(instance_type), REGION_FACTORS.get(region)
    if base is None or factor is None:
        return None
    return Price(base * factor, exact=region == "us-east-1")


@cache
def _listed() -> dict[str, float]:
    shapes, found = families(), {}
    for line in Path(__file__).with_name("prices.txt").read_text(encoding="ascii").splitlines():
        if line.startswith("#"):
            continue
        family, rate, *cells = line.split()
        named = dict(cell.split(":") for cell in cells)
        for size, shape in shapes[family].items():
            text = named.get(size, "-")
            if text != "-":
                found[shape.type] = float(text)
            elif size not in named and rate != "-":
                found[shape.type] = shape.vcpu * float(rate)
    return found

"""The catalog against AWS's own price list: what --refresh asks, and how it reads the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modules.catalog.instances import find_shape
from modules.catalog.prices import price
from modules.catalog.rates import RATES, rate
from modules.ops.cost.model import Estimate

if TYPE_CHECKING:
    import boto3

#: Differences below this are rounding.
_TOLERANCE = 0.001
#: How the price list names an ordinary Linux instance that somebody runs on demand.
_LINUX = {"operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA", "capacitystatus": "Used"}


@dataclass(frozen=True)
class Compared:
    """One price, USD a unit. here: the catalog's; there: AWS's, None where the price list has no such row, or more than one."""

    name: str
    unit: str
    here: float | None
    there: float | None

    @property
    def differs(self) -> bool:
        """Whether both are known and not the same."""
        return self.here is not None and self.there is not None and abs(self.here - self.there) > _TOLERANCE * self.there


def compare(session: boto3.Session, found: Estimate) -> tuple[Compared, ...]:
    """Every price that the estimate rests on, in its order. Raises HubError when AWS refuses (pricing:GetProducts)."""
    from modules.ops.aws_clients import GLOBAL_REGION, client
    from modules.ops.failures.aws import doing

    # The price list answers in few regions, for all of them.
    api = client(session, "pricing", GLOBAL_REGION)
    with doing("read AWS's price list"):
        return tuple(_compared(api, name, found.region) for name in used(found))


def used(found: Estimate) -> tuple[str, ...]:
    """Keys of rates and instance types, each once."""
    names = [*(each.rate for each in found.lines), *(each.node for each in found.profiles if each.node)]
    return tuple(name for name in dict.fromkeys(names) if name not in RATES or RATES[name].service)


def _compared(api: Any, name: str, region: str) -> Compared:
    if name in RATES:
        here, unit = rate(name, region), RATES[name].unit
        there = _rate(api, name, region)
    else:
        here, unit = price(name, region), "hour"
        there = _instance(api, name, region) if find_shape(name) else None
    return Compared(name, unit, here.amount if here else None, there)


def _instance(api: Any, instance_type: str, region: str) -> float | None:
    filters = {"regionCode": region, "instanceType": instance_type, **_LINUX}
    return _only(_products(api, "AmazonEC2", filters), lambda usage: "BoxUsage" in usage)


def _rate(api: Any, key: str, region: str) -> float | None:
    row = RATES[key]
    filters = {"regionCode": region, **dict(row.attributes)}
    # Before the name stands the region, as USE2 or as us-east-2; anything else there is another product (TS-LoadBalancerUsage).
    wanted = re.compile(rf"(?:[A-Z]{{3,4}}\d?-|EU-|{region}-)?{re.escape(row.usage)}")
    return _only(_products(api, row.service, filters), lambda usage: wanted.fullmatch(usage) is not None)


def _products(api: Any, service: str, filters: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    from modules.ops.aws_clients import pages

    asked = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in filters.items()]
    for text in pages(api, "get_products", "PriceList", ServiceCode=service, Filters=asked):
        yield json.loads(text)


def _only(products: Iterable[dict[str, Any]], wanted: Callable[[str], bool]) -> float | None:
    """The one price of the products with such a usage type; None where there is none, or they disagree."""
    matching = [each for each in products if wanted(each["product"]["attributes"].get("usagetype", ""))]
    amounts = {amount for each in matching for amount in _first_tier(each)}
    return amounts.pop() if len(amounts) == 1 else None


def _first_tier(product: dict[str, Any]) -> Iterator[float]:
    """What the first unit costs, leaving out tiers that are free."""
    for term in product.get("terms", {}).get("OnDemand", {}).values():
        tiers = [each for each in term["priceDimensions"].values() if float(each["pricePerUnit"].get("USD", 0))]
        if tiers:
            first = min(tiers, key=lambda each: float(each.get("beginRange", 0)))
            yield float(first["pricePerUnit"]["USD"])

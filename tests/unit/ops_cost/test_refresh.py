"""--refresh against a price list of our own making, in the form of AWS's: moto has none, so that this proves the reading alone."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from modules.catalog.rates import RATES
from modules.common.errors import HubError
from modules.ops.cost import refresh
from modules.ops.cost.estimate import estimate
from modules.ops.cost.refresh import Compared, compare, used
from modules.ops.cost.report import comparison
from tests.unit.ops_aws.support import make_config, new_session, refusal

#: A price list: service → products as (usage type, attributes, USD of the tiers by where they begin).
Listed = dict[str, list[tuple[str, dict[str, str], dict[str, str]]]]
LISTED: Listed = {
    "AmazonEKS": [
        ("USE2-AmazonEKS-Hours:perCluster", {}, {"0": "0.1000000000"}),
        ("USE2-AmazonEKS-Hours:extendedSupport", {}, {"0": "0.5"}),
    ],
    "AmazonEC2": [
        ("USE2-BoxUsage:t3a.medium", {"instanceType": "t3a.medium"}, {"0": "0.0376"}),
        ("USE2-BoxUsage:m5.xlarge", {"instanceType": "m5.xlarge"}, {"0": "0.2000"}),
        ("USE2-UnusedBox:m5.xlarge", {"instanceType": "m5.xlarge"}, {"0": "9"}),
        ("USE2-NatGateway-Hours", {}, {"0": "0.045"}),
        # Two products of one usage type and two prices: not one price, so nothing is said.
        ("USE2-EBS:VolumeUsage.gp3", {}, {"0": "0.08"}),
        ("USE2-EBS:VolumeUsage.gp3", {}, {"0": "0.09"}),
    ],
    # The first tier is free, the second the dearest.
    "AmazonS3": [("USE2-TimedStorage-ByteHrs", {"volumeType": "Standard"}, {"0": "0", "5": "0.024", "51200": "0.022"})],
    "AWSELB": [
        ("USE2-LoadBalancerUsage", {"productFamily": "Load Balancer-Network"}, {"0": "0.0225"}),
        ("USE2-TS-LoadBalancerUsage", {"productFamily": "Load Balancer-Network"}, {"0": "0.0056"}),
        ("USE2-LoadBalancerUsage", {"productFamily": "Load Balancer-Application"}, {"0": "0.99"}),
    ],
    "awskms": [("us-east-2-KMS-Keys", {}, {"0": "1.0"})],
}


class PriceList:
    """Answers as the pricing service, two products a page."""

    def __init__(self, listed: Listed) -> None:
        self._listed = listed

    def can_paginate(self, operation: str) -> bool:
        return operation == "get_products"

    def get_paginator(self, operation: str) -> PriceList:
        return self

    def paginate(self, *, ServiceCode: str, Filters: list[dict[str, str]]) -> list[dict[str, Any]]:  # noqa: N803
        wanted = {each["Field"]: each["Value"] for each in Filters}
        assert wanted.pop("regionCode") == "us-east-2"
        assert {each["Type"] for each in Filters} == {"TERM_MATCH"}
        # Of what an ordinary instance is filtered by, the list holds the type alone.
        kept = {name: value for name, value in wanted.items() if name in ("instanceType", "productFamily", "volumeType", "storageClass")}
        found = [_product(*each) for each in self._listed.get(ServiceCode, []) if kept.items() <= each[1].items()]
        return [{"PriceList": found[start : start + 2]} for start in range(0, max(len(found), 1), 2)]


def _product(usage: str, attributes: dict[str, str], tiers: dict[str, str]) -> str:
    dimensions = {f"r{begin}": {"beginRange": begin, "pricePerUnit": {"USD": amount}} for begin, amount in tiers.items()}
    terms = {"OnDemand": {"t": {"priceDimensions": dimensions}}}
    return json.dumps({"product": {"attributes": {"usagetype": usage, **attributes}}, "terms": terms})


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> dict[str, Compared]:
    monkeypatch.setattr("modules.ops.aws_clients.client", lambda *_: PriceList(LISTED))
    return {each.name: each for each in compare(new_session(), estimate(make_config()))}


@pytest.mark.parametrize(
    ("name", "there", "differs"),
    [
        ("eks", 0.10, False),
        ("nat", 0.045, False),
        ("nlb", 0.0225, False),
        ("kms-key", 1.0, False),
        ("t3a.medium", 0.0376, False),
        ("m5.xlarge", 0.2, True),
        ("s3", 0.024, True),
        ("gp3", None, False),
        ("efs", None, False),
    ],
)
def test_each_price_is_found_or_not(compared: dict[str, Compared], name: str, there: float | None, differs: bool) -> None:
    assert (compared[name].there, compared[name].differs) == (there, differs)


def test_the_differences_are_said_in_one_block(compared: dict[str, Compared]) -> None:
    said = list(comparison(list(compared.values())))
    assert said[0] == f"  AWS's price list: 7 of {len(compared)} prices found, 2 differ from the catalog"
    assert said[1:3] == [
        "    s3               catalog 0.023, AWS 0.024 USD per GB-month",
        "    m5.xlarge        catalog 0.192, AWS 0.2 USD per hour",
    ]
    assert said[3].startswith("    not found there, or not one price: ")
    assert "gp3" in said[3]


def test_everything_an_estimate_rests_on_is_asked_but_what_the_list_has_otherwise() -> None:
    found = estimate(make_config())
    unasked = {name for name, row in RATES.items() if not row.service}
    assert set(used(found)) == {each.rate for each in found.lines} - unasked | {"m5.xlarge"}
    assert unasked == {"eks-extended", "gp3-throughput", "zone"}


def test_a_refusal_names_the_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(PriceList):
        def paginate(self, **_: Any) -> list[dict[str, Any]]:
            raise refusal("AccessDeniedException", "GetProducts", 400, "not authorized to perform: pricing:GetProducts")

    monkeypatch.setattr("modules.ops.aws_clients.client", lambda *_: Refusing({}))
    with pytest.raises(HubError) as caught:
        compare(new_session(), estimate(make_config()))
    assert "read AWS's price list" in str(caught.value)
    assert "pricing:GetProducts" in str(caught.value)


def test_aws_knows_the_call_as_we_make_it() -> None:
    """Names and shapes of the request, by botocore's own description of the service."""
    api: Any = boto3.Session(region_name="us-east-1").client("pricing", aws_access_key_id="a", aws_secret_access_key="b")
    with Stubber(api) as stub:
        stub.add_response("get_products", {"PriceList": [_product("NatGateway-Hours", {}, {"0": "0.045"})]})
        (product,) = refresh._products(api, "AmazonEC2", {"regionCode": "us-east-1"})
    assert product["product"]["attributes"]["usagetype"] == "NatGateway-Hours"

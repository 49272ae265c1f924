"""Taking NAT gateways and load balancers away leaves stacks of every env that Terraform can apply: nothing else refers to them."""

from __future__ import annotations

from typing import Any

import pytest

from modules.config.load import list_envs
from modules.ops.sleep.way_out import without_balancers, without_nat
from modules.ops.synth import addresses
from tests.conftest import ROOT


@pytest.mark.parametrize("env", list_envs(ROOT))
def test_only_gateways_and_their_routes_go(stacks: dict[str, dict[str, Any]], env: str) -> None:
    document = stacks[f"{env}-network"]
    gone = set(addresses(document)) - set(addresses(without_nat(document)))
    gateways = {each for each in addresses(document) if each.startswith("aws_nat_gateway.")}
    routes = {each for each in addresses(document) if each.startswith("aws_route.private-")}
    assert gone == gateways | routes
    assert gateways
    assert _empty(without_nat(document)) == []
    assert any(each.startswith("aws_eip.") for each in addresses(without_nat(document)))
    deep = without_nat(document, addresses=False)
    assert set(addresses(document)) - set(addresses(deep)) == gateways | routes | {f"aws_eip.{_name(each)}-address" for each in gateways}
    assert _empty(deep) == []


@pytest.mark.parametrize("env", list_envs(ROOT))
def test_only_services_go(stacks: dict[str, dict[str, Any]], env: str) -> None:
    gone = set[str]()
    for name, document in stacks.items():
        if name.startswith(f"{env}-"):
            left = without_balancers(document)
            gone |= {f"{name}/{each}" for each in set(addresses(document)) - set(addresses(left))}
            assert _empty(left) == []
    assert f"{env}-hub/kubernetes_service_v1.public" in gone
    assert {each.partition("/")[2].partition(".")[0] for each in gone} == {"kubernetes_service_v1"}


def _name(address: str) -> str:
    return address.partition(".")[2]


def _empty(document: dict[str, Any]) -> list[str]:
    """What Terraform would refuse: a block that has no label."""
    return [key for key, part in [*document.items(), *document["resource"].items()] if part == {}]

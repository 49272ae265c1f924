"""Taking the NAT gateways away: which document Terraform is given, in which order, and that waking gives it the whole one again."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.ops.layout import Layout
from modules.ops.sleep import way_out
from modules.ops.synth import Stack
from tests.unit.ops_sleep.lab import Lab
from tests.unit.ops_sleep.test_sleep import fall, rise

NETWORK: dict[str, Any] = {
    "resource": {
        "aws_eip": {"nat-a-address": {"domain": "vpc"}},
        "aws_nat_gateway": {"nat-a": {"allocation_id": "${aws_eip.nat-a-address.id}"}},
        "aws_route": {
            "private-a-nat": {"nat_gateway_id": "${aws_nat_gateway.nat-a.id}"},
            "private-b-nat": {"nat_gateway_id": "${aws_nat_gateway.nat-a.id}"},
            "public-internet": {"gateway_id": "${aws_internet_gateway.internet.id}"},
        },
        "aws_vpc": {"main": {}},
    },
    "output": {"vpc_id": {"value": "${aws_vpc.main.id}"}},
}

HUB_STACK: dict[str, Any] = {
    "resource": {
        "kubernetes_service_v1": {
            "public": {"spec": {"type": "LoadBalancer"}},
            "public-inside": {"spec": {"type": "ClusterIP"}},
        }
    },
    "output": {
        "hub_address": {"value": "${kubernetes_service_v1.public.status[0].load_balancer}"},
        "inside": {"value": "${kubernetes_service_v1.public-inside.id}"},
    },
}
#: The same without its way in.
HUB_SHUT = {
    "resource": {"kubernetes_service_v1": {"public-inside": {"spec": {"type": "ClusterIP"}}}},
    "output": {"inside": {"value": "${kubernetes_service_v1.public-inside.id}"}},
}


def shut(network: dict[str, Any]) -> dict[str, Any]:
    """The same without its way out, written down by hand."""
    made = copy.deepcopy(network)
    del made["resource"]["aws_nat_gateway"]
    del made["resource"]["aws_route"]["private-a-nat"], made["resource"]["aws_route"]["private-b-nat"]
    return made


class Bench:
    """A stand-in for the workbench: its engine keeps what it is asked to apply, and fails while `broken`."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.config, self.layout, self.lab = lab.config, Layout(folder, "lab"), lab
        self.stacks = tuple(Stack(f"lab-{name}", (), folder / f"{name}.json") for name in ("data", "network", "hub"))
        (folder / "network.json").write_text(json.dumps(NETWORK))
        (folder / "data.json").write_text("{}")
        (folder / "hub.json").write_text(json.dumps(HUB_STACK))
        self.applied: list[tuple[str, dict[str, Any], int]] = []
        self.broken = False

    def engine(self) -> Bench:
        return self

    def up(self, stacks: list[Stack]) -> Any:
        failure = SimpleNamespace(what="aws_nat_gateway.nat-a", why="AWS is throttling", fix="wait a minute")
        if self.broken:
            return SimpleNamespace(exit_code=1, interrupted=False, failures=[SimpleNamespace(failure=failure, stack="lab-network")])
        self.applied += [(each.name, each.document(), self.lab.groups()["lab-core"]["desiredSize"]) for each in stacks]
        return SimpleNamespace(exit_code=0, interrupted=False, failures=[])

    def record(self, command: str, exit_code: int, result: Any) -> None:
        """Nothing: the run's log is not looked at."""


@pytest.fixture
def bench(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = Bench(lab, tmp_path)
    monkeypatch.setattr("modules.ops.sleep.scene.open_workbench", lambda *args, **more: made)
    return made


def test_the_document() -> None:
    before = copy.deepcopy(NETWORK)
    assert way_out.without_nat(NETWORK) == shut(before)
    assert before == NETWORK


def test_what_else_refers_to_a_gateway_is_not_guessed_at() -> None:
    more = {**NETWORK, "output": {"address": {"value": "${aws_nat_gateway.nat-a.public_ip}"}}}
    with pytest.raises(ValueError, match="refers to an aws_nat_gateway"):
        way_out.without_nat(more)


def test_it_goes_last_and_comes_back_first(lab: Lab, bench: Bench) -> None:
    awake = lab.all()
    fall(lab, remove_nat=True)
    rise(lab)
    assert bench.applied == [("lab-network", shut(NETWORK), 0), ("lab-network", NETWORK, 0)]
    assert lab.all() == awake


def test_balancers_go_while_their_controller_runs(lab: Lab, bench: Bench) -> None:
    awake = lab.all()
    fall(lab, remove_nat=True, remove_balancers=True)
    rise(lab)
    assert bench.applied == [
        ("lab-hub", HUB_SHUT, 3),
        ("lab-network", shut(NETWORK), 0),
        ("lab-network", NETWORK, 0),
        ("lab-hub", HUB_STACK, 3),
    ]
    assert lab.all() == awake


def test_balancers_of_one_that_sleeps_already(lab: Lab, bench: Bench) -> None:
    fall(lab)
    with pytest.raises(HubError, match="is asleep with its load balancers"):
        fall(lab, remove_balancers=True)
    rise(lab)
    assert bench.applied == []


def test_what_else_refers_to_a_balancer_is_not_guessed_at() -> None:
    record = {"aws_route53_record": {"hub": {"records": ["${kubernetes_service_v1.public.status[0].load_balancer}"]}}}
    with pytest.raises(ValueError, match=r"refers to kubernetes_service_v1\.public"):
        way_out.without_balancers({**HUB_STACK, "resource": {**HUB_STACK["resource"], **record}})


def test_without_being_asked_it_stays(lab: Lab, bench: Bench) -> None:
    fall(lab)
    rise(lab)
    assert bench.applied == []


@pytest.mark.parametrize("command", ["sleep", "wake"])
def test_terraform_fails(lab: Lab, bench: Bench, command: str) -> None:
    awake = lab.all()
    if command == "wake":
        fall(lab, remove_nat=True)
    bench.broken = True
    with pytest.raises(HubError, match=rf"AWS is throttling[^\0]*\./hub {command} lab goes on where this ended"):
        fall(lab, remove_nat=True) if command == "sleep" else rise(lab)
    bench.broken = False
    if command == "sleep":
        fall(lab)
        assert bench.applied[-1][1] == shut(NETWORK), "a stopped run had been asked to"
    rise(lab)
    assert (bench.applied[-1][1], lab.all()) == (NETWORK, awake)


def test_the_network_of_somebody_else(lab: Lab) -> None:
    existing = {"vpc_id": "vpc-1", "public_subnets": ["subnet-1"], "private_subnets": ["subnet-2"], "data_plane_subnets": ["subnet-3"]}
    network = lab.config.network.model_copy(update={"existing": existing})
    lab.config = lab.config.model_copy(update={"network": network})
    with pytest.raises(HubError, match="somebody else's: its NAT gateways stay"):
        fall(lab, remove_nat=True)

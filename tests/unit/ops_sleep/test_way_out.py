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
from modules.ops.progress import make_display
from modules.ops.sleep import way_out
from modules.ops.sleep.command import SleepOptions
from modules.ops.sleep.memory import Memory
from modules.ops.sleep.waking import Waking
from modules.ops.sweep import Remaining
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
        "kubernetes_daemon_set_v1": {"seat": {"depends_on": ["kubernetes_service_v1.public", "kubernetes_service_v1.public-inside"]}},
        "kubernetes_service_v1": {
            "public": {"spec": {"type": "LoadBalancer"}},
            "public-inside": {"spec": {"type": "ClusterIP"}},
        },
    },
    "output": {
        "hub_address": {"value": "${kubernetes_service_v1.public.status[0].load_balancer}"},
        "inside": {"value": "${kubernetes_service_v1.public-inside.id}"},
    },
}
#: The same without its way in.
HUB_SHUT = {
    "resource": {
        "kubernetes_daemon_set_v1": {"seat": {"depends_on": ["kubernetes_service_v1.public-inside"]}},
        "kubernetes_service_v1": {"public-inside": {"spec": {"type": "ClusterIP"}}},
    },
    "output": {"inside": {"value": "${kubernetes_service_v1.public-inside.id}"}},
}


def shut(network: dict[str, Any], *, addresses: bool = True) -> dict[str, Any]:
    """The same without its way out, written down by hand."""
    made = copy.deepcopy(network)
    if not addresses:
        del made["resource"]["aws_eip"]
    del made["resource"]["aws_nat_gateway"]
    del made["resource"]["aws_route"]["private-a-nat"], made["resource"]["aws_route"]["private-b-nat"]
    return made


class Bench:
    """A stand-in for the workbench: its engine keeps what it is asked to apply, and fails while `broken`."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.config, self.layout, self.lab = lab.config, Layout(folder, "lab"), lab
        self.target, self.display = lab.target, make_display("lab", as_json=True)
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
    assert way_out.without_nat(NETWORK, addresses=False) == shut(before, addresses=False)
    assert before == NETWORK


def test_what_else_refers_to_a_gateway_is_not_guessed_at() -> None:
    more = {**NETWORK, "output": {"address": {"value": "${aws_nat_gateway.nat-a.public_ip}"}}}
    with pytest.raises(ValueError, match="refers to an aws_nat_gateway"):
        way_out.without_nat(more)


def test_what_else_refers_to_its_address_is_not_guessed_at() -> None:
    more = {**NETWORK, "output": {"address": {"value": "${aws_eip.nat-a-address.public_ip}"}}}
    assert way_out.without_nat(more)["output"] == more["output"]
    with pytest.raises(ValueError, match=r"refers to an aws_eip\.nat-a-address"):
        way_out.without_nat(more, addresses=False)


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


def test_deep_is_both_and_the_addresses(lab: Lab, bench: Bench) -> None:
    awake = lab.all()
    fall(lab, deep=True)
    rise(lab)
    assert bench.applied == [
        ("lab-hub", HUB_SHUT, 3),
        ("lab-network", shut(NETWORK, addresses=False), 0),
        ("lab-network", NETWORK, 0),
        ("lab-hub", HUB_STACK, 3),
    ]
    assert lab.all() == awake


def test_a_wake_that_stopped_half_way_forgets_that_addresses_went(lab: Lab, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are back with the gateways; another sleep, which is to keep them, must not give them up."""

    def stop(self: Waking, memory: Memory) -> None:
        raise HubError("stopped", fix="again")

    fall(lab, deep=True)
    monkeypatch.setattr(Waking, "_fill_groups", stop)
    with pytest.raises(HubError, match="stopped"):
        rise(lab)
    fall(lab, remove_nat=True)
    assert bench.applied[-1][1] == shut(NETWORK)


def test_deep_in_the_network_of_somebody_else_leaves_his_gateways(lab: Lab) -> None:
    theirs(lab)
    assert SleepOptions(deep=True).for_env(lab.config) == SleepOptions(deep=True, remove_balancers=True)


def test_a_deep_sleep_that_was_stopped_goes_on_as_deep(lab: Lab, bench: Bench) -> None:
    bench.broken = True
    with pytest.raises(HubError, match="AWS is throttling"):
        fall(lab, deep=True)
    bench.broken = False
    fall(lab)
    assert [document for _, document, _ in bench.applied] == [HUB_SHUT, shut(NETWORK, addresses=False)]


def test_a_balancer_that_stays_is_named(lab: Lab, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes wait: the controller that has to remove it is on them."""
    left = (Remaining("load balancer", "k8s-hub-public", "why"),)
    monkeypatch.setattr("modules.ops.sleep.way_out.balancers.wait_until_gone", lambda *args, **more: left)
    with pytest.raises(HubError, match=r"k8s-hub-public is still there[^\0]*\./hub sleep lab goes on where this ended"):
        fall(lab, remove_balancers=True)
    assert lab.groups()["lab-core"]["desiredSize"] == 3


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


def theirs(lab: Lab) -> None:
    """Put the env into somebody else's network."""
    existing = {"vpc_id": "vpc-1", "public_subnets": ["subnet-1"], "private_subnets": ["subnet-2"], "data_plane_subnets": ["subnet-3"]}
    network = lab.config.network.model_copy(update={"existing": existing})
    lab.config = lab.config.model_copy(update={"network": network})


def test_the_network_of_somebody_else(lab: Lab) -> None:
    theirs(lab)
    with pytest.raises(HubError, match="somebody else's: its NAT gateways stay"):
        fall(lab, remove_nat=True)

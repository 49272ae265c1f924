"""Tags, errors, and where pods go."""

from __future__ import annotations

import pytest

from modules.common import scheduling, tags
from modules.common.errors import HubError


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("demo-network/aws_vpc.main", ("demo-network", "aws_vpc.main")),
        ("aws_vpc.main", ("", "aws_vpc.main")),
        ("demo/a/b", ("demo", "a/b")),
        ("", ("", "")),
    ],
)
def test_addresses_are_split(value: str, parts: tuple[str, str]) -> None:
    assert tags.split_address(value) == parts


@pytest.mark.parametrize(("stack", "address"), [("demo-network", "aws_vpc.main"), ("dandi-staging-cluster", "aws_eks_cluster.main")])
def test_addresses_come_back(stack: str, address: str) -> None:
    assert tags.split_address(tags.address_value(stack, address)) == (stack, address)
    assert len(tags.address_value(stack, address)) <= tags.VALUE_MAX


def test_deployment_tags() -> None:
    assert tags.deployment_tags("demo-1", "demo") == {"hubsmith:deployment": "demo-1", "hubsmith:env": "demo"}


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (HubError("no such env"), "no such env"),
        (HubError("no such env", where="envs/x"), "envs/x: no such env"),
        (HubError("no such env", fix="name one of demo, dandi"), "no such env\n  what to do  name one of demo, dandi"),
        (HubError("gone", where="s3:HeadBucket", fix="again"), "s3:HeadBucket: gone\n  what to do  again"),
    ],
)
def test_errors_read_well(error: HubError, text: str) -> None:
    assert str(error) == text
    assert error.exit_code == 1


def test_an_error_can_promise_another_exit_code() -> None:
    assert HubError("x", exit_code=3).exit_code == 3


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("dedicated=ray:NoSchedule", ("dedicated", "ray", "NoSchedule")),
        ("nvidia.com/gpu:NoSchedule", ("nvidia.com/gpu", "", "NoSchedule")),
        ("hub.jupyter.org/dedicated=user:NoExecute", ("hub.jupyter.org/dedicated", "user", "NoExecute")),
    ],
)
def test_taints_are_split(text: str, parts: tuple[str, str, str]) -> None:
    assert scheduling.split_taint(text) == parts


@pytest.mark.parametrize(
    ("purpose", "gpu", "taints"),
    [
        ("core", None, 0),
        ("user", None, 1),
        ("user", "nvidia", 2),
        ("desktop", "nvidia-time-sliced", 2),
        ("ray", "neuron", 2),
    ],
)
def test_a_node_carries_its_purpose_and_its_accelerator(purpose: str, gpu: str | None, taints: int) -> None:
    base, made = scheduling.placement(purpose, None), scheduling.placement(purpose, gpu)
    assert len(made.taints) == taints
    assert base.labels.items() <= made.labels.items()
    assert all(scheduling.split_taint(taint)[2] == "NoSchedule" for taint in made.taints)

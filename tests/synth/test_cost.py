"""What `./hub cost` counts is what synth makes: one figure of an estimate, one number of resources, for every shipped env."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from modules.config.load import list_envs
from modules.ops.cost.estimate import estimate
from modules.ops.cost.model import Estimate
from tests._support.pools import ROOT, config_of
from tests.synth.conftest import Documents

ENVS = list_envs(ROOT)


def bodies(stacks: Documents, env: str, kind: str) -> list[dict[str, Any]]:
    """Every resource of one type in all stacks of an env."""
    names = {f"{env}-{each}" for each in ("data", "network", "cluster", "platform", "hub", "desktop", "ray", "vault", "launcher")}
    return [each for name in names & stacks.keys() for each in stacks[name].get("resource", {}).get(kind, {}).values()]


def quantity(found: Estimate, *keys: str) -> float:
    return sum(each.quantity for each in found.lines if each.key in keys)


def balancers(stacks: Documents, env: str) -> Iterator[dict[str, Any]]:
    for each in bodies(stacks, env, "kubernetes_service_v1"):
        if each["spec"].get("type") == "LoadBalancer":
            yield each


@pytest.mark.parametrize("env", ENVS)
@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        (("control-plane",), "aws_eks_cluster"),
        (("keys",), "aws_kms_key"),
        (("secrets",), "aws_secretsmanager_secret"),
        (("nat",), "aws_nat_gateway"),
        (("nat-ipv4",), "aws_eip"),
    ],
)
def test_as_many_as_are_made(stacks: Documents, env: str, keys: tuple[str, ...], kind: str) -> None:
    assert quantity(estimate(config_of(env)), *keys) == len(bodies(stacks, env, kind))


@pytest.mark.parametrize("env", ENVS)
def test_endpoints_are_billed_by_zone(stacks: Documents, env: str) -> None:
    made = [each for each in bodies(stacks, env, "aws_vpc_endpoint") if each["vpc_endpoint_type"] == "Interface"]
    assert quantity(estimate(config_of(env)), "endpoints") == sum(len(each["subnet_ids"]) for each in made)


@pytest.mark.parametrize("env", ENVS)
def test_every_load_balancer_is_counted(stacks: Documents, env: str) -> None:
    assert quantity(estimate(config_of(env)), "hub-balancer", "desktop-balancer") == len(list(balancers(stacks, env)))


@pytest.mark.parametrize("env", ENVS)
def test_nodes_of_groups_as_they_start(stacks: Documents, env: str) -> None:
    """Seats, Ray and Vault may ask for nodes besides; where a group holds them, it grows above the size it starts with."""
    found = estimate(config_of(env))
    started = sum(each["scaling_config"]["desired_size"] for each in bodies(stacks, env, "aws_eks_node_group"))
    groups = [each.key for each in found.lines if each.key == "core" or (each.key.startswith("group-") and not each.key.endswith("-disks"))]
    assert quantity(found, *groups) == started


@pytest.mark.parametrize("env", ENVS)
def test_logs_kept_as_long_as_their_groups_say(stacks: Documents, env: str) -> None:
    found = estimate(config_of(env))
    kept = sorted(int(each.label.rsplit("kept ", 1)[1].split()[0]) for each in found.lines if each.key.endswith("-kept"))
    assert kept == sorted(int(each["retention_in_days"]) for each in bodies(stacks, env, "aws_cloudwatch_log_group"))

"""The lean env of tests/cases/cost: one core node, so each controller runs once, and nothing forbids to drain it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests._support.checkout import Checkout
from tests._support.pools import ROOT
from tests.synth.conftest import Documents, read_stacks, synthesise

LEAN = ROOT / "tests" / "cases" / "cost" / "lean.yaml"


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    """One synth of it."""
    checkout, written = Checkout.make(tmp_path_factory.mktemp("checkout")), tmp_path_factory.mktemp("lean")
    folder = checkout.root / "envs" / "lean"
    folder.mkdir()
    (folder / "hub.yaml").write_text(LEAN.read_text())
    synthesise(checkout.root, written, HUB_ENV="lean", PYTHONPATH=str(checkout.root))
    return read_stacks(written)


def values(stacks: Documents, stack: str, release: str) -> dict[str, Any]:
    """What a release is told."""
    (body,) = [each for each in stacks[f"lean-{stack}"]["resource"]["helm_release"].values() if each["name"] == release]
    found: dict[str, Any] = yaml.safe_load(body["values"][0])
    return found


def test_one_node(stacks: Documents) -> None:
    group = stacks["lean-cluster"]["resource"]["aws_eks_node_group"]["core"]
    sizes = group["scaling_config"]
    assert (sizes["min_size"], sizes["desired_size"], group["instance_types"]) == (1, 1, ["t4g.medium"])


def test_addons_are_told_of_it(stacks: Documents) -> None:
    addons = stacks["lean-platform"]["resource"]["aws_eks_addon"]
    told = {name: json.loads(body["configuration_values"]) for name, body in addons.items() if "configuration_values" in body}
    assert told == {"addon-coredns": {"replicaCount": 1}, "addon-aws-ebs-csi-driver": {"controller": {"replicaCount": 1}}}


@pytest.mark.parametrize(
    ("stack", "release", "path"),
    [
        ("platform", "karpenter", ("replicas",)),
        ("platform", "aws-load-balancer-controller", ("replicaCount",)),
        ("platform", "metrics-server", ("replicas",)),
        ("hub", "jupyterhub", ("scheduling", "userScheduler", "replicas")),
    ],
)
def test_controllers_run_once(stacks: Documents, stack: str, release: str, path: tuple[str, ...]) -> None:
    found: Any = values(stacks, stack, release)
    for key in path:
        found = found[key]
    assert found == 1


@pytest.mark.parametrize("release", ["karpenter", "aws-load-balancer-controller", "metrics-server"])
def test_the_node_can_be_drained(stacks: Documents, release: str) -> None:
    budget = values(stacks, "platform", release)["podDisruptionBudget"]
    assert budget.get("maxUnavailable") == 1
    assert "minAvailable" not in budget


def test_shipped_envs_are_told_nothing_new(outdir: Path) -> None:
    for name, document in read_stacks(outdir).items():
        if name.endswith("-platform"):
            assert [body for body in document["resource"]["aws_eks_addon"].values() if "configuration_values" in body] == [], name

"""What the spawn page offers, and what each choice asks of Kubernetes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modules.catalog.prices import price
from modules.config.place import places
from modules.k8s.jupyterhub.profile_text import hourly
from modules.k8s.jupyterhub.profiles import profile_list
from tests._support import config_cases
from tests._support.pools import ENVS, EVERYTHING, config_of

_CARDS = {"families": ["p5e", "p5"], "sizes": ["48xlarge"], "gpu": "nvidia", "limits": {"memory": "4T"}}


def _listed(tmp_path: Path, patch: dict[str, Any]) -> list[dict[str, Any]]:
    return profile_list(config_cases.load(tmp_path, config_cases.text({"patch": patch})))


def _entry(name: str, env: str = EVERYTHING) -> dict[str, Any]:
    return next(each for each in profile_list(config_of(env)) if each["display_name"] == name)


@pytest.mark.parametrize("env", ENVS)
def test_every_env_has_one_default_and_links_that_differ(env: str) -> None:
    listed = profile_list(config_of(env))
    assert [each["display_name"] for each in listed] == [profile.name for profile in config_of(env).hub.profiles]
    assert sum(each["default"] for each in listed) == 1
    assert len({each["slug"] for each in listed}) == len(listed)
    for each in listed:
        choices = each.get("profile_options", {}).get("image", {}).get("choices", {})
        assert sum(choice["default"] for choice in choices.values()) == (1 if choices else 0)
        assert ("image" in each["kubespawner_override"]) is not bool(choices)


def test_slugs_come_from_the_name_alone() -> None:
    slugs = {each["display_name"]: each["slug"] for each in profile_list(config_of(EVERYTHING))}
    assert slugs["A quarter of a card"] == "a-quarter-of-a-card"
    assert slugs["推論"].startswith("profile-")
    # Two names that come to one slug carry a digest each.
    assert slugs["Base"].startswith("base-")
    assert slugs["Base!"].startswith("base-")
    assert slugs["Base"] != slugs["Base!"]


@pytest.mark.parametrize(
    ("name", "description"),
    [
        # One on an m5.2xlarge at $0.384: 6 of the 7.63 CPUs that it leaves.
        ("Base", "6-12 CPU, 16-32 GB, about $0.38 an hour, less on spot"),
        # Three on a c5.xlarge at $0.17, which leaves 3.64 CPUs.
        ("Base!", "For a course. 1 CPU, 0.5-2 GB, about $0.06 an hour"),
        ("T4", "6-8 CPU, 25-31 GB, 1 GPU (T4), about $0.75 an hour"),
        # Three on a g5.xlarge at $1.006: by its 3.64 CPUs, though four could share the card.
        ("A quarter of a card", "1-4 CPU, 3-16 GB, 1 GPU (A10G, shared by 4), about $0.34 an hour"),
        ("推論", "4-32 CPU, 64-128 GB, 1 Neuron device (Inferentia2), about $1.97 an hour"),
        # Two on a c7g.large at $0.0725, by memory.
        ("Arm", "0.25-2 CPU, 1-4 GB, about $0.04 an hour, less on spot"),
    ],
)
def test_the_page_says_how_much_and_about_what_it_costs(name: str, description: str) -> None:
    assert _entry(name)["description"] == description


@pytest.mark.parametrize(
    ("patch", "ends"),
    [
        # A type without a price might be the cheapest, so no figure is given.
        (
            {"pools": {"default": {"families": ["p5e", "p5"], "sizes": ["48xlarge"], "gpu": "nvidia", "limits": {"memory": "4T"}}}},
            "8 GPUs (H200 or H100)",
        ),
        ({"pools": {"default": {"families": ["m99"]}}}, "2-4 GB"),
        ({"region": "ap-south-1"}, "2-4 GB"),
        ({"region": "eu-central-1"}, "about $0.08 an hour"),
    ],
    ids=["type", "family", "region", "region-by-factor"],
)
def test_no_price_is_made_up(patch: dict[str, Any], ends: str, tmp_path: Path) -> None:
    gpu = 8 if patch.get("pools", {}).get("default", {}).get("gpu") else 0
    profile = {"name": "Base", "default": True, "cpu": [1, 2], "memory": ["2G", "4G"], "pool": "default", "gpu": gpu}
    (entry,) = _listed(tmp_path, {**patch, "hub": {"profiles": [profile]}})
    assert entry["description"].endswith(ends)


@pytest.mark.parametrize(("cpu", "memory"), [(1, "2G"), (3, "2G"), (3, "25G"), (7, "28G")])
def test_nobody_pays_more_than_the_node(cpu: float, memory: str, tmp_path: Path) -> None:
    profile = {"name": "Base", "default": True, "cpu": [cpu, 8], "memory": [memory, "30G"], "pool": "default"}
    config = config_cases.load(tmp_path, config_cases.text({"patch": {"hub": {"profiles": [profile]}}}))
    cost, node = hourly(config.hub.profiles[0], places(config)["default"], config.region), price("m5.2xlarge", config.region)
    assert cost is not None
    assert node is not None
    assert 0 < cost <= node.amount


def test_a_card_is_asked_for_and_its_taint_tolerated() -> None:
    assert _entry("T4")["kubespawner_override"] == {
        "cpu_guarantee": 6,
        "cpu_limit": 8,
        "mem_guarantee": "25G",
        "mem_limit": "31G",
        "node_selector": {"hubsmith.io/pool": "gpu"},
        "tolerations": [
            {"key": "hub.jupyter.org/dedicated", "operator": "Equal", "value": "user", "effect": "NoSchedule"},
            {"key": "nvidia.com/gpu", "operator": "Equal", "value": "present", "effect": "NoSchedule"},
        ],
        "node_affinity_required": [
            {"matchExpressions": [{"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["g4dn.2xlarge"]}]}
        ],
        "extra_resource_guarantees": {"nvidia.com/gpu": "1"},
        "extra_resource_limits": {"nvidia.com/gpu": "1"},
    }


@pytest.mark.parametrize(
    ("name", "override"),
    [
        ("推論", {"extra_resource_limits": {"aws.amazon.com/neuron": "1"}, "image": "quay.io/lab/neuron:2.1"}),
        ("Base!", {"environment": {"COURSE": "1"}, "image": "quay.io/jupyter/base-notebook:2026-10-05"}),
        ("A quarter of a card", {"extra_resource_limits": {"nvidia.com/gpu": "1"}}),
    ],
)
def test_overrides(name: str, override: dict[str, Any]) -> None:
    found = _entry(name)["kubespawner_override"]
    assert {key: found[key] for key in override} == override


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("Base", {"torch": ("PyTorch", False), "base": ("Base", True)}),
        # The hub's default is not among them, so the first is.
        ("T4", {"torch": ("PyTorch", True), "neuron": ("neuron", False)}),
    ],
)
def test_images(name: str, choices: dict[str, tuple[str, bool]]) -> None:
    found = _entry(name)["profile_options"]["image"]["choices"]
    assert {key: (each["display_name"], each["default"]) for key, each in found.items()} == choices
    assert list(found) == list(choices)


def test_taints_of_the_configuration_are_tolerated_too(tmp_path: Path) -> None:
    (entry,) = _listed(tmp_path, {"pools": {"default": {"taints": ["lab.example.org/quiet:NoExecute"]}}})
    assert {"key": "lab.example.org/quiet", "operator": "Exists", "effect": "NoExecute"} in entry["kubespawner_override"]["tolerations"]


def test_groups_go_through() -> None:
    assert _entry("Arm")["groups"] == ["tinkerers"]
    assert _entry("Base")["groups"] == []

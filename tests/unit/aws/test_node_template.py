"""Tags for scaling from zero, read back the way cluster-autoscaler reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modules.aws.node_template import accelerators, node_template_tags
from modules.common.scheduling import placement, split_taint, toleration
from modules.config.load import list_envs, load_env
from tests.unit.aws.node_template_reader import PREFIX, Template, read_back

ROOT = Path(__file__).resolve().parents[3]


def template(**changes: Any) -> Template:
    settings: dict[str, Any] = {"labels": {}, "taints": (), "gpu": None, "instance_types": ("m5.xlarge",), "disk_gib": 100}
    return read_back(node_template_tags(**settings | changes))


@pytest.mark.parametrize(
    ("taint", "read"),
    [
        ("hub.jupyter.org/dedicated=user:NoSchedule", ("hub.jupyter.org/dedicated", "user", "NoSchedule")),
        ("nvidia.com/gpu=present:NoSchedule", ("nvidia.com/gpu", "present", "NoSchedule")),
        ("heliocloud.org/dask-worker-profile=gpu-xlarge:NoExecute", ("heliocloud.org/dask-worker-profile", "gpu-xlarge", "NoExecute")),
        ("quiet:PreferNoSchedule", ("quiet", "", "PreferNoSchedule")),
    ],
)
def test_a_taint_keeps_its_key_value_and_effect(taint: str, read: tuple[str, str, str]) -> None:
    assert template(taints=(taint,)).taints == {read}


def test_the_seeds_gpu_tag_would_have_been_another_taint() -> None:
    """It was keyed `dedicated`, so that nothing that tolerates nvidia.com/gpu was seen to fit."""
    theirs = read_back({f"{PREFIX}taint/dedicated": "nvidia.com/gpu=true:NoSchedule"})
    (key, value, effect), asked = next(iter(theirs.taints)), toleration("nvidia.com/gpu=true:NoSchedule")
    assert (asked["key"], asked["effect"]) != (key, effect)
    assert value != asked["value"]


@pytest.mark.parametrize(
    ("gpu", "types", "resources"),
    [
        (None, ["m5.xlarge"], {}),
        ("nvidia", ["g4dn.2xlarge"], {"nvidia.com/gpu": "1"}),
        ("nvidia", ["g4dn.12xlarge"], {"nvidia.com/gpu": "4"}),
        ("nvidia", ["g4dn.12xlarge", "g4dn.2xlarge"], {"nvidia.com/gpu": "1"}),
        ("nvidia", ["g4dn.2xlarge", "g99.xlarge"], {}),
        ("neuron", ["inf2.24xlarge"], {"aws.amazon.com/neuron": "6"}),
        (None, ["g4dn.2xlarge"], {}),
    ],
)
def test_cards_are_those_of_the_poorest_type(gpu: str | None, types: list[str], resources: dict[str, str]) -> None:
    found = template(gpu=gpu, instance_types=types).resources
    found.pop("ephemeral-storage")
    assert found == resources


@pytest.mark.parametrize(("disk", "storage"), [(20, "16Gi"), (100, "88Gi"), (200, "178Gi")])
def test_storage_is_what_the_kubelet_leaves(disk: int, storage: str) -> None:
    assert template(disk_gib=disk).resources["ephemeral-storage"] == storage


def test_no_type_no_card() -> None:
    assert accelerators(()) == 0


def test_every_group_shipped_reads_back_as_it_is() -> None:
    seen = 0
    for env in list_envs(ROOT):
        for key, group in load_env(ROOT, env, judged=False).node_groups.items():
            standing = placement(group.purpose, group.gpu)
            labels, taints = {**standing.labels, **group.labels}, (*standing.taints, *group.taints)
            found = template(labels=labels, taints=taints, gpu=group.gpu, instance_types=group.instance_types, disk_gib=group.disk.size_gib)
            assert found.labels == labels, (env, key)
            assert found.taints == {split_taint(text) for text in taints}, (env, key)
            assert ("nvidia.com/gpu" in found.resources) is (group.gpu == "nvidia"), (env, key)
            seen += 1
    assert seen >= 6

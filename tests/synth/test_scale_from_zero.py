"""Every synthesised node group that may be empty is described to cluster-autoscaler by its own tags, and only by them."""

from __future__ import annotations

from typing import Any

from modules.aspects.document import bodies
from modules.catalog.instances import find_shape
from modules.common.scheduling import ACCELERATOR_RESOURCES
from tests.synth.conftest import Documents
from tests.unit.aws.node_template_reader import read_back

_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "PREFER_NO_SCHEDULE": "PreferNoSchedule", "NO_EXECUTE": "NoExecute"}


def groups(stacks: Documents) -> dict[tuple[str, str], tuple[dict[str, Any], dict[str, str]]]:
    """(stack, address) of each group to its values and its tags."""
    found: dict[tuple[str, str], tuple[dict[str, Any], dict[str, str]]] = {}
    for stack, document in stacks.items():
        resources = list(bodies(document))
        for group in (each for each in resources if each.type == "aws_eks_node_group"):
            own = f"${{{group.address}.resources[0].autoscaling_groups[0].name}}"
            tags = [each.values["tag"] for each in resources if each.values.get("autoscaling_group_name") == own]
            found[stack, group.address] = (dict(group.values), {tag["key"]: tag["value"] for tag in tags})
    return found


def test_a_group_reads_back_as_it_is(stacks: Documents) -> None:
    seen = 0
    for where, (group, tags) in groups(stacks).items():
        if where[1].endswith(".core"):
            assert tags == {}, "it is never empty"
            continue
        node = read_back(tags)
        assert node.labels == group["labels"], where
        assert node.taints == {(each["key"], each.get("value") or "", _EFFECTS[each["effect"]]) for each in group["taint"]}, where
        assert "ephemeral-storage" in node.resources, where
        seen += 1
    assert seen >= 8


def test_cards_are_told_where_the_image_has_their_driver_and_nowhere_else(stacks: Documents) -> None:
    for where, (group, tags) in groups(stacks).items():
        told = {name: count for name, count in read_back(tags).resources.items() if name in ACCELERATOR_RESOURCES.values()}
        if "NVIDIA" in group["ami_type"]:
            shapes = [find_shape(each) for each in group["instance_types"]]
            assert told == {"nvidia.com/gpu": str(min(shape.accelerators for shape in shapes if shape))}, where
        elif not group["ami_type"].endswith("_NEURON"):
            assert told == {}, where

"""Reads an autoscaling group's tags the way cluster-autoscaler does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

PREFIX = "k8s.io/cluster-autoscaler/node-template/"


@dataclass
class Template:
    """A node as cluster-autoscaler imagines it."""

    labels: dict[str, str]
    taints: set[tuple[str, str, str]]
    resources: dict[str, str]


def read_back(tags: Mapping[str, str]) -> Template:
    """As extractLabelsFromAsg, extractTaintsFromAsg and extractAllocatableResourcesFromAsg of aws_manager.go do: a label's or
    resource's name is what follows the prefix, a taint is passed over unless its value ends in a colon and an effect."""
    found = Template({}, set(), {})
    for key, value in tags.items():
        kind, _, name = key.removeprefix(PREFIX).partition("/")
        if kind == "label":
            found.labels[name] = value
        elif kind == "resources" and re.fullmatch(r"\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?", value):
            found.resources[name] = value
        elif kind == "taint" and re.search(r"(.*):(?:NoSchedule|NoExecute|PreferNoSchedule)", value):
            text, effect = value.split(":", 1)
            found.taints.add((name, text, effect))
    return found

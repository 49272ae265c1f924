"""Pools and node groups: types that exist, sizes that add up, taints that do not contradict."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from modules.catalog.instances import Shape, families, find_shape
from modules.common.scheduling import placement, split_taint
from modules.config.checks._check import Finding, Place, places, reads
from modules.config.models import HubConfig
from modules.config.problems import Path

_LABEL_KEY = re.compile(r"([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")
#: Domains whose labels and taints the kubelet, EKS and Karpenter set; a kubelet that is told to claim one does not start.
_FOREIGN_DOMAINS = ("kubernetes.io", "k8s.io", "karpenter.sh", "karpenter.k8s.aws", "eks.amazonaws.com")
#: An AWS tag's key has 128 characters, and cluster-autoscaler reads labels and taints of an empty group from tags with 46 in front.
_AUTOSCALER_KEY_MAX = 128 - 46
#: Ours: pods choose their pool by them.
_OWN_DOMAINS = ("hubsmith", "hubsmith.io")


@reads("cluster", "pools", "node_groups")
def autoscaler(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.cluster.autoscaler == "cluster-autoscaler" and config.pools:
        yield ("pools",), "need Karpenter, and cluster.autoscaler says cluster-autoscaler. Write node_groups, or autoscaler: karpenter."
    if config.cluster.existing and config.node_groups:
        yield ("node_groups",), "belong to a cluster of ours, and an existing one has its own. Remove them."
    for key in sorted(config.pools.keys() & config.node_groups.keys()):
        yield ("node_groups", key), "is the name of a pool too, so profiles could not tell them apart. Rename one."
    if "core" in config.node_groups:
        yield ("node_groups", "core"), "is the name of the group that runs the hub (cluster.core). Rename it."


@reads("pools")
def sizes(config: HubConfig, _: date) -> Iterator[Finding]:
    known = families()
    for key, pool in config.pools.items():
        if any(family not in known for family in pool.families):
            continue
        for index, size in enumerate(pool.sizes):
            if not any(size in known[family] for family in pool.families):
                offered = {offer: None for family in pool.families for offer in known[family]}
                yield (
                    ("pools", key, "sizes", index),
                    f'"{size}" is not an instance size of {", ".join(pool.families)} ({", ".join(offered)})',
                )
        for index, family in enumerate(pool.families):
            if not any(size in known[family] for size in pool.sizes):
                yield ("pools", key, "families", index), f'"{family}" comes in none of these sizes. It has {", ".join(known[family])}.'


@reads("node_groups", "cluster")
def types(config: HubConfig, _: date) -> Iterator[Finding]:
    wanted = {("node_groups", key, "instance_types"): group.instance_types for key, group in config.node_groups.items()}
    wanted["cluster", "core", "instance_types"] = config.cluster.core.instance_types
    for path, listed in wanted.items():
        for index, each in enumerate(listed):
            family, _, size = each.partition(".")
            if family in families() and size not in families()[family]:
                yield (*path, index), f'"{size}" is not an instance size of {family} ({", ".join(families()[family])})'
    for index, each in enumerate(config.cluster.core.instance_types):
        shape = find_shape(each)
        if shape and shape.arch != config.cluster.core.arch:
            yield ("cluster", "core", "instance_types", index), _arch(each, shape, config.cluster.core.arch)


@reads("pools", "node_groups")
def architectures(config: HubConfig, _: date) -> Iterator[Finding]:
    for place in places(config).values():
        wrong = {shape.type.split(".")[0]: shape for shape in place.shapes if shape.arch != place.arch}
        for shape in wrong.values():
            yield (*place.path, "arch"), _arch(shape.type, shape, place.arch)
        yield from _accelerators(place)


def _arch(instance_type: str, shape: Shape, arch: str) -> str:
    return f'"{instance_type}" is {shape.arch}, and arch says {arch}. Change one of them.'


def _accelerators(place: Place) -> Iterator[Finding]:
    maker = "neuron" if place.gpu == "neuron" else "nvidia"
    for shape in {each.type.split(".")[0]: each for each in place.shapes}.values():
        family = shape.type.split(".")[0]
        if place.gpu and not shape.accelerator.startswith(maker):
            yield (*place.path, "gpu"), f'says {place.gpu}, and "{family}" has no such accelerator. Take {family} out, or remove gpu.'
        if not place.gpu and shape.accelerator.startswith(("nvidia", "neuron")):
            needed = shape.accelerator.split(":")[0]
            yield (
                (*place.path, "gpu"),
                f'is missing, and "{family}" carries {shape.accelerator}. Write gpu: {needed}, or nobody gets to use it.',
            )


@reads("pools")
def time_slices(config: HubConfig, _: date) -> Iterator[Finding]:
    for key, pool in config.pools.items():
        if pool.gpu_time_slices and pool.gpu != "nvidia-time-sliced":
            yield ("pools", key, "gpu_time_slices"), "only works with gpu: nvidia-time-sliced. Write that, or remove this line."
        if pool.gpu == "nvidia-time-sliced" and not pool.gpu_time_slices:
            yield ("pools", key, "gpu_time_slices"), "is missing: say how many pods share one card, such as 4."


@reads("cluster", "node_groups")
def counts(config: HubConfig, _: date) -> Iterator[Finding]:
    groups: dict[Path, tuple[int, int | None, int]] = {
        ("node_groups", key): (group.min, group.desired, group.max) for key, group in config.node_groups.items()
    }
    core = config.cluster.core
    groups["cluster", "core"] = (core.min, core.desired, core.max)
    for path, (least, desired, most) in groups.items():
        if least > most:
            yield path, f"min {least} is above max {most}. Raise max or lower min."
        elif desired is not None and not least <= desired <= most:
            yield (*path, "desired"), f"{desired} does not lie between min {least} and max {most}."
    for key, group in config.node_groups.items():
        if group.max_unavailable > group.max:
            yield ("node_groups", key, "max_unavailable"), f"{group.max_unavailable} is above max {group.max}. Lower it."


@reads("pools", "node_groups")
def labels_and_taints(config: HubConfig, _: date) -> Iterator[Finding]:
    for key, pool in config.pools.items():
        yield from _marks(("pools", key), pool.purpose, pool.gpu, pool.labels, pool.taints)
    for key, group in config.node_groups.items():
        yield from _marks(("node_groups", key), group.purpose, group.gpu, group.labels, group.taints)


def _marks(path: Path, purpose: str, gpu: str | None, labels: dict[str, str], taints: tuple[str, ...]) -> Iterator[Finding]:
    standing = placement(purpose, gpu)
    for name, value in labels.items():
        if not _LABEL_KEY.fullmatch(name) or not _LABEL_VALUE.fullmatch(value):
            yield (*path, "labels", name), "is no Kubernetes label: at most 63 letters, digits and _.- in name and value. Change it."
        elif _is_foreign(name):
            yield (*path, "labels", name), "is set by Kubernetes, EKS or Karpenter. Use a name of your own."
        elif name.partition("/")[0] in _OWN_DOMAINS and "/" in name:
            yield (*path, "labels", name), "is set by this project, by pool and purpose. Use a name of your own."
        elif standing.labels.get(name, value) != value:
            yield (
                (*path, "labels", name),
                f'contradicts purpose: {purpose}, which sets "{standing.labels[name]}". Remove it, or change purpose.',
            )
    taken = {(taint_key, effect): text for text in standing.taints for taint_key, _, effect in [split_taint(text)]}
    for index, text in enumerate(taints):
        taint_key, value, effect = split_taint(text)
        if not _LABEL_KEY.fullmatch(taint_key) or not _LABEL_VALUE.fullmatch(value):
            yield (*path, "taints", index), f'"{text}" is no taint: its key and value are written like a label\'s. Change it.'
        elif _is_foreign(taint_key):
            yield (*path, "taints", index), f'"{text}" is set by Kubernetes, EKS or Karpenter. Use a name of your own.'
        elif (taint_key, effect) in taken:
            yield (*path, "taints", index), f'"{text}" stands beside "{taken[taint_key, effect]}", and a node has one of a kind. Remove it.'
        taken[taint_key, effect] = text


@reads("node_groups")
def autoscaler_tags(config: HubConfig, _: date) -> Iterator[Finding]:
    for key, group in config.node_groups.items():
        for name in group.labels:
            if len(name) > _AUTOSCALER_KEY_MAX:
                yield ("node_groups", key, "labels", name), _too_long(name)
        seen = {split_taint(text)[0]: text for text in placement(group.purpose, group.gpu).taints}
        for index, text in enumerate(group.taints):
            path, name, other = ("node_groups", key, "taints", index), split_taint(text)[0], seen.get(split_taint(text)[0])
            if len(name) > _AUTOSCALER_KEY_MAX:
                yield path, _too_long(name)
            if other and split_taint(other)[2] != split_taint(text)[2]:
                yield path, f'"{text}" has the key of "{other}", and cluster-autoscaler can be told of one a key. Use another key.'
            seen[name] = text


def _too_long(name: str) -> str:
    return f"has a key of {len(name)} characters, and a tag that tells cluster-autoscaler of it holds {_AUTOSCALER_KEY_MAX}. Shorten it."


def _is_foreign(name: str) -> bool:
    domain, slash, _ = name.partition("/")
    return bool(slash) and any(domain == each or domain.endswith(f".{each}") for each in _FOREIGN_DOMAINS)


CHECKS = (autoscaler, sizes, types, architectures, time_slices, counts, labels_and_taints, autoscaler_tags)

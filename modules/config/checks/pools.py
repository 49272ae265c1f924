"""Pools as Karpenter takes them: names that do not meet, limits a node fits under, lives that end, disks that AWS makes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from modules.common.quantity import memory_bytes
from modules.config.checks._check import Finding, places, reads
from modules.config.models import HubConfig
from modules.config.nodes import Disk, Pool, node_pool_names
from modules.config.problems import Path

#: Where a pod may have to ask instance metadata: the DCV server for its licence, and processes on public nodes for their address.
_METADATA_PURPOSES = ("desktop", "public")
#: gp3, https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html: operations for each GiB, MiB for each operation.
_IOPS_A_GIB, _IOPS_A_MIB = 500, 4
#: Tags that Karpenter sets itself, and whose keys its EC2NodeClass therefore refuses (1.14.1).
_KARPENTERS_TAGS = (
    "kubernetes.io/cluster",
    "eks:eks-cluster-name",
    "karpenter.sh/nodepool",
    "karpenter.sh/nodeclaim",
    "karpenter.k8s.aws/ec2nodeclass",
)
_SECONDS = {"m": 60, "h": 3600}


@reads("pools")
def capacities(config: HubConfig, _: date) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for key, pool in config.pools.items():
        if len(set(pool.capacity)) < len(pool.capacity):
            yield ("pools", key, "capacity"), "names one capacity twice. Keep one."
            continue
        for name in node_pool_names(key, pool):
            if name in seen:
                yield ("pools", key), f'would be NodePool "{name}" in the cluster, as "{seen[name]}" is. Rename one.'
            seen[name] = key


@reads("pools")
def limits(config: HubConfig, _: date) -> Iterator[Finding]:
    for key, place in places(config).items():
        pool = config.pools.get(key)
        if pool is None:
            continue
        path = ("pools", key, "limits")
        if pool.gpu is None and pool.limits.gpu is not None:
            yield (*path, "gpu"), "limits cards of a pool that has none. Remove it, or write gpu: and families that carry some."
        if place.complete and place.shapes:
            amounts = {
                "cpu": (pool.limits.cpu, min(shape.vcpu for shape in place.shapes), "CPU"),
                "memory": (memory_bytes(pool.limits.memory) // 2**20, min(shape.memory_mib for shape in place.shapes), "MiB"),
            }
            if pool.gpu and pool.limits.gpu is not None:
                amounts["gpu"] = (pool.limits.gpu, min(shape.accelerators for shape in place.shapes), "cards")
            for name, (most, least, unit) in amounts.items():
                if most < least:
                    yield (*path, name), f"allows {most} {unit}, and the smallest node has {least}, so none could start. Raise it."


@reads("pools")
def lives(config: HubConfig, _: date) -> Iterator[Finding]:
    for key, pool in config.pools.items():
        path, ends = ("pools", key, "disruption"), pool.disruption.expire_after
        if ends != "Never" and _seconds(pool.disruption.termination_grace) > _seconds(ends):
            yield (
                (*path, "termination_grace"),
                f"{pool.disruption.termination_grace} is longer than the life of a node ({ends}). Lower it, or raise expire_after.",
            )
        if pool.disruption.budget_nodes == 0:
            yield (*path, "budget_nodes"), "0 keeps empty nodes, and their bill, until they expire. Write 1 or more."


@reads("pools", "node_groups")
def metadata(config: HubConfig, _: date) -> Iterator[Finding]:
    for section, found in (("pools", config.pools), ("node_groups", config.node_groups)):
        for key, each in found.items():
            if each.hop_limit > 1 and each.purpose not in _METADATA_PURPOSES:
                yield (
                    (section, key, "hop_limit"),
                    f"{each.hop_limit} lets every pod of a {each.purpose} node take the node's role. Remove it: only purpose: desktop "
                    "or public may have it.",
                )


@reads("pools", "node_groups")
def cards(config: HubConfig, _: date) -> Iterator[Finding]:
    for key, pool in config.pools.items():
        yield from _cards(("pools", key), pool)
        if pool.gpu == "neuron":
            kinds = dict.fromkeys(shape.accelerator.partition(":")[2] for shape in places(config)[key].shapes)
            if len(kinds) > 1:
                yield (
                    ("pools", key, "families"),
                    f"mix {' and '.join(kinds)}, and a model compiled for one does not run on the other. Split.",
                )
    for key, group in config.node_groups.items():
        if group.gpu == "nvidia-time-sliced":
            yield ("node_groups", key, "gpu"), "cards are shared on Karpenter's pools alone. Write gpu: nvidia, or make it a pool."


def _cards(path: Path, pool: Pool) -> Iterator[Finding]:
    if pool.gpu == "nvidia-time-sliced" and pool.ami.startswith("bottlerocket@"):
        yield (*path, "ami"), "bottlerocket brings a device plugin of its own, which does not share cards as ours does. Write al2023@v…."


@reads("pools", "node_groups", "cluster")
def disks(config: HubConfig, _: date) -> Iterator[Finding]:
    found: dict[Path, Disk] = {("pools", key): pool.disk for key, pool in config.pools.items()}
    found |= {("node_groups", key): group.disk for key, group in config.node_groups.items()}
    found["cluster", "core"] = config.cluster.core.disk
    if config.cluster.admin_box:
        found["cluster", "admin_box"] = config.cluster.admin_box.disk
    for path, disk in found.items():
        if disk.iops > disk.size_gib * _IOPS_A_GIB:
            yield (
                (*path, "disk", "iops"),
                f"{disk.iops} is more than {disk.size_gib} GiB give, {disk.size_gib * _IOPS_A_GIB}. Lower it, or raise size_gib.",
            )
        if disk.throughput_mib * _IOPS_A_MIB > disk.iops:
            yield (
                (*path, "disk", "throughput_mib"),
                f"{disk.throughput_mib} needs {disk.throughput_mib * _IOPS_A_MIB} iops, and has {disk.iops}. Raise iops, or lower it.",
            )


@reads("pools", "tags")
def tags(config: HubConfig, _: date) -> Iterator[Finding]:
    for key in config.tags if config.pools else ():
        if key.startswith(_KARPENTERS_TAGS):
            yield ("tags", key), "is a tag Karpenter sets on nodes itself, and it refuses pools that bring it. Remove it."


@reads("pools", "node_groups")
def zones(config: HubConfig, _: date) -> Iterator[Finding]:
    for section, found in (("pools", config.pools), ("node_groups", config.node_groups)):
        for key, each in found.items():
            letters = [zone[-1] for zone in each.zones]
            if len(set(letters)) < len(letters):
                yield (section, key, "zones"), "names one zone twice. Keep one."


def _seconds(text: str) -> int:
    return int(text[:-1]) * _SECONDS[text[-1]]


CHECKS = (capacities, limits, lives, metadata, cards, disks, tags, zones)

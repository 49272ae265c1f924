"""Whether the hub and the controllers fit on the core nodes. A pod that does not waits for ever: nothing adds a core node for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from modules.catalog import core_pods as pods
from modules.catalog.instances import DAEMONS_CPU_MILLI, DAEMONS_MEMORY_MIB, Shape, families, find_shape
from modules.common.scheduling import AUTOSCALER_LABEL
from modules.config.checks._check import Finding, places, reads
from modules.config.models import HubConfig


@dataclass(frozen=True)
class Room:
    """Of nodes, or asked for: pods, thousandths of a CPU, MiB."""

    pods: int
    cpu_milli: int
    memory_mib: int

    def holds(self, other: Room) -> bool:
        """Whether `other` fits in."""
        return self.pods >= other.pods and self.cpu_milli >= other.cpu_milli and self.memory_mib >= other.memory_mib

    def __str__(self) -> str:
        return f"{self.pods} pods, {self.cpu_milli / 1000:.2f} CPU and {self.memory_mib / 1024:.2f}G"


@reads("cluster", "pools", "node_groups", "storage", "domain", "dns", "dask", "ray", "launcher")
def core_room(config: HubConfig, _: date) -> Iterator[Finding]:
    core = config.cluster.core
    if config.cluster.existing or any(each.purpose == "core" for each in places(config).values()):
        return
    nodes, asked = _nodes(config), standing(config)
    for index, each in enumerate(core.instance_types):
        shape = find_shape(each)
        if shape and not _left(config, shape, nodes).holds(asked):
            have = f"{nodes} {each} {'has' if nodes == 1 else 'have'} room for {_left(config, shape, nodes)}"
            path = ("cluster", "core", "instance_types", index)
            yield path, f"{have}, and the hub and its controllers need {asked}. {_advice(config, shape, nodes, asked)}"


def _nodes(config: HubConfig) -> int:
    """Core nodes there may be. cluster-autoscaler adds nodes to every managed group, Karpenter to none."""
    core = config.cluster.core
    return core.max if config.cluster.autoscaler == "cluster-autoscaler" else max(core.min, core.desired or 0)


def standing(config: HubConfig) -> Room:
    """What the pods of an env's core ask for together, with room for one more."""
    counted = [(each, each.least if config.cluster.core.min == 1 else each.most) for each in core_pods(config)]
    return Room(
        sum(count for _, count in counted),
        sum(each.cpu_milli * count for each, count in counted),
        sum(each.memory_mib * count for each, count in counted),
    )


def core_pods(config: HubConfig) -> Iterator[pods.CorePod]:
    """Every Deployment on the core nodes of a cluster of ours; last the spare one."""
    yield from (pods.COREDNS, pods.EBS_CSI, pods.LOAD_BALANCER, pods.METRICS_SERVER, pods.HUB, pods.PROXY, pods.USER_SCHEDULER)
    if config.storage.efs.enabled:
        yield pods.EFS_CSI
    if config.cluster.autoscaler == "karpenter":
        yield pods.KARPENTER
    elif not any(group.labels.get(AUTOSCALER_LABEL[0]) == AUTOSCALER_LABEL[1] for group in config.node_groups.values()):
        yield pods.CLUSTER_AUTOSCALER
    if config.domain and config.dns and config.dns.manage:
        yield pods.EXTERNAL_DNS
    if config.dask:
        yield from pods.DASK
    if any(each.kind == "kuberay" for each in config.ray.values()):
        yield pods.KUBERAY
    if config.launcher:
        yield pods.LAUNCHER
    yield pods.SPARE


def _left(config: HubConfig, shape: Shape, nodes: int) -> Room:
    """Of so many nodes, once what runs on every node has its share."""
    daemons = pods.DAEMONS + config.storage.efs.enabled + config.cluster.pod_logs.enabled
    cpu, memory = shape.allocatable_cpu_milli - DAEMONS_CPU_MILLI, shape.allocatable_memory_mib - DAEMONS_MEMORY_MIB
    return Room(nodes * max(shape.pods - daemons, 0), nodes * cpu, nodes * max(memory, 0))


def _advice(config: HubConfig, shape: Shape, nodes: int, asked: Room) -> str:
    sizes = families()[shape.type.split(".")[0]].values()
    larger = [each.type for each in sizes if each.memory_mib > shape.memory_mib and _left(config, each, nodes).holds(asked)]
    bound = "max" if config.cluster.autoscaler == "cluster-autoscaler" else "min"
    more = f"more nodes ({bound}: {max(nodes + 1, 2)})"
    return f"Write {larger[0]}, or {more}." if larger else f"Write a larger type, or {more}."


CHECKS = (core_room,)

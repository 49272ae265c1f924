"""Ray clusters: nodes that one pod fills, as many as there may be pods, an image with a known Ray, a namespace of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from modules.catalog.instances import find_shape
from modules.catalog.ray_sizes import ray_sizes
from modules.config.checks._check import SYSTEM_NAMESPACES, Finding, Place, places, reads
from modules.config.checks._room import named
from modules.config.extras import RayCluster
from modules.config.models import HubConfig
from modules.config.problems import Path, did_you_mean

#: Tokens came with this version, https://docs.ray.io/en/latest/ray-security/token-auth.html
_TOKENS_SINCE = (2, 52)
#: Ray's own images say in their tag which Ray they hold: `rayproject/ray:2.60.0-py311`.
_OWN_IMAGE = re.compile(r"(?:^|/)rayproject/ray[a-z-]*:(\d+\.\d+\.\d+)")
#: KubeRay makes names of pods of a cluster's, which then has 40 characters at most; four are `-ray`.
_KUBERAY_KEY = 36
#: Where the operator is (helm/releases.yaml).
_OPERATOR_NAMESPACE = "kuberay"


@reads("ray", "pools", "node_groups")
def nodes(config: HubConfig, _: date) -> Iterator[Finding]:
    known = places(config)
    for key, cluster in config.ray.items():
        path: Path = ("ray", key)
        yield from named(known, (*path, "pool"), cluster.pool, "ray")
        place = known.get(cluster.pool)
        if place:
            yield from _types(path, cluster, place)
    yield from _room(config)


def _types(path: Path, cluster: RayCluster, place: Place) -> Iterator[Finding]:
    here, wanted = (*path, "instance_type"), cluster.instance_type
    if place.gpu:
        yield (*path, "pool"), f'"{place.key}" has GPUs, and Ray\'s pods ask for none. Name a pool without gpu.'
    if place.complete and wanted not in place.types:
        yield here, f'"{wanted}" is not among the types of pool "{place.key}"{did_you_mean(wanted, place.types)}'
        return
    shape = find_shape(wanted)
    if shape is None:
        yield (
            here,
            f'the size of "{wanted}" is not known, so no pod can be made to fill it. Name a type of modules/catalog/instances.txt.',
        )
    elif ray_sizes(shape) is None:
        yield here, f'"{wanted}" is too small: a head needs a whole CPU and 2.5G beside what every node runs. Name a larger type.'
    elif place.path[0] == "node_groups":
        yield from _smaller(here, cluster, place)


def _smaller(path: Path, cluster: RayCluster, place: Place) -> Iterator[Finding]:
    """A node group's other types: EKS takes whichever it likes."""
    mine = find_shape(cluster.instance_type)
    assert mine is not None
    less = [each.type for each in place.shapes if each.vcpu < mine.vcpu or each.free_memory_mib < mine.free_memory_mib]
    if less:
        yield path, f'pods for "{mine.type}" do not fit {", ".join(less)} of node group "{place.key}". Name its smallest type.'


def _room(config: HubConfig) -> Iterator[Finding]:
    """One node a pod, for all clusters of a node group together. What a pool may grow to is said in CPUs, not in nodes."""
    for key, group in config.node_groups.items():
        pods = [1 + max(each.workers, each.max_workers or 0) for each in config.ray.values() if each.pool == key]
        if sum(pods) > group.max:
            yield ("node_groups", key, "max"), f"{group.max} nodes cannot hold {sum(pods)} Ray pods, one a node. Raise max."


@reads("ray")
def sizes(config: HubConfig, _: date) -> Iterator[Finding]:
    for key, cluster in config.ray.items():
        path: Path = ("ray", key, "max_workers")
        if cluster.kind == "static" and cluster.max_workers is not None:
            yield path, "is only for kind: kuberay; a static cluster does not grow. Remove it."
        if cluster.max_workers is not None and cluster.max_workers < cluster.workers:
            yield path, f"{cluster.max_workers} is below workers ({cluster.workers}). Raise it."
        if cluster.kind == "kuberay" and len(key) > _KUBERAY_KEY:
            yield ("ray", key), f"the name has {len(key)} characters, and kuberay takes {_KUBERAY_KEY}. Shorten it."


@reads("ray")
def images(config: HubConfig, _: date) -> Iterator[Finding]:
    for key, cluster in config.ray.items():
        path: Path = ("ray", key, "image")
        last = cluster.image.rsplit("/", 1)[-1]
        own = _OWN_IMAGE.search(cluster.image)
        if ":" not in last or last.endswith(":latest"):
            yield path, "has no tag, and client and cluster must have the same version. Add :<tag>."
        elif own and own[1] != cluster.version:
            yield ("ray", key, "version"), f"{cluster.version} is not the Ray of the image, {own[1]}. Write version: {own[1]}."
        if _number(cluster.version) < _TOKENS_SINCE:
            yield (
                ("ray", key, "version"),
                f"{cluster.version} knows no token, so anybody who reaches the cluster could run anything there. Use Ray 2.52 or later.",
            )


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])


@reads("ray", "hub")
def namespaces(config: HubConfig, _: date) -> Iterator[Finding]:
    """The other optional parts look out for theirs."""
    taken = dict.fromkeys(SYSTEM_NAMESPACES, "Kubernetes") | {config.hub.namespace: "the hub", _OPERATOR_NAMESPACE: "KubeRay's operator"}
    for key, cluster in config.ray.items():
        if cluster.namespace in taken:
            owner = taken[cluster.namespace]
            yield (
                ("ray", key, "namespace"),
                f'"{cluster.namespace}" is the namespace of {owner}, and a cluster would stand behind its policies. Write another.',
            )


CHECKS = (nodes, sizes, images, namespaces)

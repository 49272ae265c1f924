"""The process launcher: namespaces of its own, nodes for its processes, and who reaches the public ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from ipaddress import IPv4Network, collapse_addresses

from modules.common.quantity import memory_bytes
from modules.config.checks._check import SYSTEM_NAMESPACES, Finding, places, reads
from modules.config.checks._room import named
from modules.config.extras import Launcher
from modules.config.models import HubConfig

#: Each range takes two of a security group's 60 rules, and the desktops may have as many as here.
_MOST_CIDRS = 10


@reads("launcher", "hub", "ray")
def namespaces(config: HubConfig, _: date) -> Iterator[Finding]:
    """The other optional parts look out for theirs."""
    settings = config.launcher
    if settings is None:
        return
    taken = dict.fromkeys(SYSTEM_NAMESPACES, "Kubernetes") | {config.hub.namespace: "the hub"}
    taken |= dict.fromkeys((each.namespace for each in config.ray.values()), "Ray")
    if settings.namespace in taken:
        yield ("launcher", "namespace"), f'"{settings.namespace}" is the namespace of {taken[settings.namespace]}. Write another.'
    path = ("launcher", "process_namespaces")
    for number, name in enumerate(settings.process_namespaces):
        if name in taken:
            yield (*path, number), f'"{name}" is the namespace of {taken[name]}, where the launcher could then do harm. Write another.'
        if settings.process_namespaces.index(name) != number:
            yield (*path, number), f'"{name}" is listed twice. Keep one.'
    if settings.namespace in settings.process_namespaces:
        yield path, "holds the launcher's own namespace, whose secrets processes could then read. Take it out."


@reads("launcher", "pools", "node_groups")
def nodes(config: HubConfig, _: date) -> Iterator[Finding]:
    settings = config.launcher
    if settings is None:
        return
    known = places(config)
    if settings.pool is not None:
        yield from named(known, ("launcher", "pool"), settings.pool, None)
    if settings.public_pool is None:
        return
    path = ("launcher", "public_pool")
    yield from named(known, path, settings.public_pool, "public")
    if settings.public_pool in config.node_groups:
        yield path, "is a node group, whose nodes get no public address. Name one of pools."
    if not settings.public_cidrs:
        yield path, "is for public processes, and public_cidrs is empty, so that there are none. List your networks, or remove it."


@reads("launcher", "cluster")
def public(config: HubConfig, _: date) -> Iterator[Finding]:
    settings, path = config.launcher, ("launcher", "public_cidrs")
    if settings is None or not settings.public_cidrs:
        return
    if settings.public_pool is None and config.cluster.existing is None:
        yield path, "need nodes with public addresses. Add a pool with purpose: public, and name it as launcher.public_pool."
    if len(settings.public_cidrs) > _MOST_CIDRS:
        count = len(settings.public_cidrs)
        yield path, f"holds {count} ranges, two rules of the security group each; at most {_MOST_CIDRS}. Join neighbours."
    for number, text in enumerate(settings.public_cidrs):
        if settings.public_cidrs.index(text) != number:
            yield (*path, number), f'"{text}" is listed twice, and AWS refuses a second rule like the first. Keep one.'
    if not settings.open_to_the_world and _is_the_world(settings.public_cidrs):
        yield path, "open public processes to every address. List your networks, or say open_to_the_world: true."


def _is_the_world(cidrs: tuple[str, ...]) -> bool:
    """Also as two halves, which is how 0.0.0.0/0 slips past a search for it."""
    return any(net.prefixlen == 0 for net in collapse_addresses(IPv4Network(text) for text in cidrs))


@reads("launcher", "cluster")
def operators(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.launcher and config.launcher.operators and config.cluster.existing:
        yield (
            ("launcher", "operators"),
            "need an access entry, which is for the cluster's owner to make. Remove them, and have a role of theirs let in by hand.",
        )


@reads("launcher")
def amounts(config: HubConfig, _: date) -> Iterator[Finding]:
    settings = config.launcher
    if settings is None:
        return
    yield from _repeated(settings)
    if settings.cpu > settings.total_cpu:
        yield ("launcher", "total_cpu"), f"{settings.total_cpu:g} is less than one process has ({settings.cpu:g}). Raise it."
    if memory_bytes(settings.memory) > memory_bytes(settings.total_memory):
        yield ("launcher", "total_memory"), f"{settings.total_memory} is less than one process has ({settings.memory}). Raise it."


def _repeated(settings: Launcher) -> Iterator[Finding]:
    for field, listed in (("secrets", settings.secrets), ("operators", settings.operators)):
        for number, text in enumerate(listed):
            if listed.index(text) != number:
                yield ("launcher", field, number), f'"{text}" is listed twice. Keep one.'


CHECKS = (namespaces, nodes, public, operators, amounts)

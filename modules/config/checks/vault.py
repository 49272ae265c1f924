"""Vault: nodes that hold all its members and stay, and roles that were meant to be linked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from modules.config.checks._check import SYSTEM_NAMESPACES, Finding, Place, places, reads
from modules.config.checks._room import fits, named
from modules.config.extras import Vault
from modules.config.models import HubConfig

#: A member's requests and limits, and those of the injector beside it (modules/k8s/vault/values.py).
_CPU, _MEMORY = 0.3, "1.2G"


@reads("vault", "pools", "node_groups")
def nodes(config: HubConfig, _: date) -> Iterator[Finding]:
    settings = config.vault
    if settings is None:
        return
    known = places(config)
    yield from named(known, ("vault", "pool"), settings.pool, "vault")
    yield from _room(config, settings)
    place = known.get(settings.pool)
    if place:
        yield from _kind(place)
        yield from fits(("vault",), "a Vault member", place, _CPU, _MEMORY)


def _room(config: HubConfig, settings: Vault) -> Iterator[Finding]:
    """A node for each member. What a pool of Karpenter's may grow to is said in CPUs, not in nodes."""
    group = config.node_groups.get(settings.pool)
    if group and group.max < settings.replicas:
        path = ("node_groups", settings.pool, "max")
        yield path, f"{group.max} nodes cannot hold {settings.replicas} Vault replicas, one a node. Raise max."


def _kind(place: Place) -> Iterator[Finding]:
    if place.spot:
        yield (*place.path, "capacity"), "has spot, and Vault's members must not go two at a time. Write on-demand alone."


@reads("vault", "hub", "dask", "ray", "launcher")
def namespace(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.vault is None:
        return
    taken = {config.hub.namespace: "the hub", **dict.fromkeys((each.namespace for each in config.ray.values()), "Ray")}
    taken |= dict.fromkeys(SYSTEM_NAMESPACES, "Kubernetes")
    if config.dask:
        taken[config.dask.namespace] = "Dask"
    if config.launcher:
        taken |= dict.fromkeys((config.launcher.namespace, *config.launcher.process_namespaces), "the launcher")
    here = config.vault.namespace
    if here in taken:
        yield ("vault", "namespace"), f'"{here}" is the namespace of {taken[here]}, which Vault shares with nobody. Write another.'


@reads("vault")
def linked_roles(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.vault is None:
        return
    for number, pattern in enumerate(config.vault.user_roles):
        path = ("vault", "user_roles", number)
        if pattern.partition(":")[2].partition(":")[0] != config.partition:
            yield path, f"is of another partition than {config.region}. Begin it with arn:{config.partition}:iam."
        # Roles that trust their whole account would let Vault in, although nobody made them for it.
        if pattern.partition(":role/")[2].startswith("*"):
            yield path, "would let Vault become any role that trusts its account. Begin the name with letters."


CHECKS = (nodes, namespace, linked_roles)

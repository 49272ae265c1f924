"""Dask's own place: a namespace that is nobody else's, schedulers that nobody takes away, cards beside enough of a machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from modules.config.checks._check import SYSTEM_NAMESPACES, Finding, places, reads
from modules.config.checks._room import fits
from modules.config.models import HubConfig


@reads("dask", "hub", "desktop", "ray", "vault", "launcher")
def namespace(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.dask and config.dask.namespace in (taken := _taken(config)):
        owner = taken[config.dask.namespace]
        yield ("dask", "namespace"), f'"{config.dask.namespace}" is the namespace of {owner}, whose rules are others. Write another.'


@reads("dask", "pools", "node_groups")
def schedulers(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.dask is None or config.dask.scheduler_pool is None:
        return
    place = places(config).get(config.dask.scheduler_pool)
    if place and place.spot:
        yield (
            ("dask", "scheduler_pool"),
            f'"{place.key}" may be spot, and a cluster ends with its scheduler. Name an on-demand one, or none for the core nodes.',
        )


@reads("dask", "pools", "node_groups")
def gpu_workers(config: HubConfig, _: date) -> Iterator[Finding]:
    place = places(config).get(config.dask.gpu_pool or "") if config.dask else None
    if config.dask and place:
        yield from fits(("dask", "gpu_pool"), "a worker", place, config.dask.worker_cores[1], config.dask.worker_memory[1])


def _taken(config: HubConfig) -> dict[str, str]:
    found = dict.fromkeys(SYSTEM_NAMESPACES, "Kubernetes") | {config.hub.namespace: "the hub"}
    if config.desktop:
        found[config.desktop.namespace] = "the desktops"
    found |= dict.fromkeys((each.namespace for each in config.ray.values()), "Ray")
    if config.vault:
        found[config.vault.namespace] = "Vault"
    if config.launcher:
        found |= dict.fromkeys((config.launcher.namespace, *config.launcher.process_namespaces), "the launcher")
    return found


CHECKS = (namespace, schedulers, gpu_workers)

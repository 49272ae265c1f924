"""The optional parts' places: each names a pool that exists, is meant for it, and is large enough. And the storage beneath."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from modules.catalog.instances import find_shape
from modules.common.quantity import memory_bytes
from modules.config.checks._check import Finding, Place, places, reads
from modules.config.models import HubConfig
from modules.config.problems import Path, did_you_mean

_MIB = 2**20
#: Directories of every image; a tree mounted there would hide them.
_IMAGE_DIRECTORIES = frozenset(
    ("bin", "boot", "dev", "etc", "home", "lib", "lib64", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var")
)


@reads("dask", "pools", "node_groups")
def dask(config: HubConfig, _: date) -> Iterator[Finding]:
    settings = config.dask
    if settings is None:
        return
    known = places(config)
    yield from _named(known, ("dask", "worker_pool"), settings.worker_pool, "dask-worker")
    if settings.scheduler_pool is not None:
        yield from _named(known, ("dask", "scheduler_pool"), settings.scheduler_pool, None)
    if settings.gpu_pool is not None:
        yield from _named(known, ("dask", "gpu_pool"), settings.gpu_pool, "dask-worker")
        if settings.gpu_pool in known and known[settings.gpu_pool].gpu is None:
            yield ("dask", "gpu_pool"), f'"{settings.gpu_pool}" has no GPUs. Name a pool with gpu: nvidia.'
    if settings.worker_cores[0] > settings.worker_cores[1]:
        yield ("dask", "worker_cores"), "is written [least, most]. Swap the numbers."
    if memory_bytes(settings.worker_memory[0]) > memory_bytes(settings.worker_memory[1]):
        yield ("dask", "worker_memory"), "is written [least, most]. Swap the amounts."
    if settings.max_cores_per_user < settings.worker_cores[1]:
        yield (
            ("dask", "max_cores_per_user"),
            f"{settings.max_cores_per_user} is less than one worker of {settings.worker_cores[1]} cores. Raise it.",
        )
    if memory_bytes(settings.max_memory_per_user) < memory_bytes(settings.worker_memory[1]):
        yield ("dask", "max_memory_per_user"), f"is less than one worker of {settings.worker_memory[1]}. Raise it."
    place = known.get(settings.worker_pool)
    if place:
        yield from _fits(("dask",), "a worker", place, settings.worker_cores[1], settings.worker_memory[1])


@reads("desktop", "pools", "node_groups", "cluster")
def desktop(config: HubConfig, _: date) -> Iterator[Finding]:
    settings = config.desktop
    if settings is None or config.cluster.existing:
        # Nodes of somebody else's cluster are found by their label; no pool of ours is involved.
        return
    known = places(config)
    yield from _named(known, ("desktop", "pool"), settings.pool, "desktop")
    place = known.get(settings.pool)
    if place:
        if settings.gpu and place.gpu is None:
            yield ("desktop", "gpu"), f'asks for a GPU, and pool "{settings.pool}" has none. Add gpu: nvidia there, or write gpu: 0.'
        yield from _fits(("desktop",), "a desktop", place, settings.cpu, settings.memory)


@reads("desktop", "pools")
def desktop_metadata(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.desktop and config.desktop.pool in config.pools and config.pools[config.desktop.pool].hop_limit < 2:
        path = ("pools", config.desktop.pool, "hop_limit")
        yield path, "must be 2 on the desktops' pool: the DCV server asks instance metadata for its licence from inside a pod."


@reads("desktop")
def desktop_image(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.desktop and ":" not in config.desktop.image.rsplit("/", 1)[-1] and "@sha256:" not in config.desktop.image:
        yield ("desktop", "image"), "has no tag or digest, so that it could change under running desktops. Add :<tag>."


@reads("ray", "pools", "node_groups")
def ray(config: HubConfig, _: date) -> Iterator[Finding]:
    known = places(config)
    for key, cluster in config.ray.items():
        path: Path = ("ray", key)
        yield from _named(known, (*path, "pool"), cluster.pool, "ray")
        place = known.get(cluster.pool)
        if place and place.complete and cluster.instance_type not in place.types:
            hint = did_you_mean(cluster.instance_type, place.types)
            yield (*path, "instance_type"), f'"{cluster.instance_type}" is not among the types of pool "{cluster.pool}"{hint}'
        if cluster.kind == "static" and cluster.max_workers is not None:
            yield (*path, "max_workers"), "is only for kind: kuberay; a static cluster does not grow. Remove it."
        if cluster.max_workers is not None and cluster.max_workers < cluster.workers:
            yield (*path, "max_workers"), f"{cluster.max_workers} is below workers ({cluster.workers}). Raise it."
        if ":" not in cluster.image.rsplit("/", 1)[-1]:
            yield (*path, "image"), "has no tag, and client and cluster must have the same version. Add :<tag>."


@reads("vault", "launcher", "pools", "node_groups")
def vault_and_launcher(config: HubConfig, _: date) -> Iterator[Finding]:
    known = places(config)
    if config.vault:
        yield from _named(known, ("vault", "pool"), config.vault.pool, "vault")
        group = config.node_groups.get(config.vault.pool)
        if group and group.max < config.vault.replicas:
            path = ("node_groups", config.vault.pool, "max")
            yield path, f"{group.max} nodes cannot hold {config.vault.replicas} Vault replicas, one a node. Raise max."
    if config.launcher and config.launcher.pool is not None:
        yield from _named(known, ("launcher", "pool"), config.launcher.pool, None)
    if config.launcher and config.launcher.namespace in config.launcher.process_namespaces:
        yield (
            ("launcher", "process_namespaces"),
            "holds the launcher's own namespace, whose secrets processes could then read. Take it out.",
        )


@reads("storage")
def storage(config: HubConfig, _: date) -> Iterator[Finding]:
    settings = config.storage
    if settings.homes.kind == "efs" and not settings.efs.enabled:
        yield ("storage", "efs", "enabled"), "is false although homes are on EFS. Write homes: {kind: ebs}, or enabled: true."
    for tree in settings.efs.trees:
        if tree in _IMAGE_DIRECTORIES:
            yield ("storage", "efs", "trees", tree), f"would be mounted at /{tree} and hide what the image has there. Rename it."
        elif settings.homes.mount_path == f"/{tree}" or settings.homes.mount_path.startswith(f"/{tree}/"):
            yield ("storage", "efs", "trees", tree), f"would be mounted over the homes ({settings.homes.mount_path}). Rename it."


def _named(known: dict[str, Place], path: Path, name: str, purpose: str | None) -> Iterator[Finding]:
    """The place called `name` exists and is for `purpose` (None: for anything)."""
    if name not in known:
        yield path, f'"{name}" is not a pool{did_you_mean(name, known)}'
    elif purpose and known[name].purpose != purpose:
        yield path, f'"{name}" is for {known[name].purpose}, and its taint keeps others off. Give it purpose: {purpose}, or name another.'


def _fits(path: Path, what: str, place: Place, cpu: float, memory: str) -> Iterator[Finding]:
    shapes = [shape for shape in map(find_shape, place.types) if shape]
    wanted = memory_bytes(memory) / _MIB
    if place.complete and shapes and not any(shape.free_cpu_milli >= cpu * 1000 and shape.free_memory_mib >= wanted for shape in shapes):
        best = max(shapes, key=lambda shape: shape.free_memory_mib)
        yield (
            path,
            f'{what} of {cpu:g} CPU and {memory} fits no instance of pool "{place.key}". The largest, {best.type}, leaves '
            f"{best.free_cpu_milli / 1000:.1f} CPU and {best.free_memory_mib / 1024:.1f}G. Ask for less, or add larger sizes.",
        )


CHECKS = (dask, desktop, desktop_metadata, desktop_image, ray, vault_and_launcher, storage)

"""The optional parts' places: each names a pool that exists, is meant for it, and is large enough. And the storage beneath."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from modules.common.quantity import memory_bytes
from modules.config.checks._check import Finding, places, reads
from modules.config.checks._room import fits, named
from modules.config.models import HubConfig

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
    yield from named(known, ("dask", "worker_pool"), settings.worker_pool, "dask-worker")
    if settings.scheduler_pool is not None:
        yield from named(known, ("dask", "scheduler_pool"), settings.scheduler_pool, None)
    if settings.gpu_pool is not None:
        yield from named(known, ("dask", "gpu_pool"), settings.gpu_pool, "dask-worker")
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
        yield from fits(("dask",), "a worker", place, settings.worker_cores[1], settings.worker_memory[1])


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


CHECKS = (dask, storage)

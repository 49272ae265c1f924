"""How large a Ray pod is that fills a node of some instance type."""

from __future__ import annotations

from dataclasses import dataclass

from modules.catalog.instances import Shape

#: Of a pod's memory, for shared objects: Ray's own default, https://docs.ray.io/en/latest/ray-core/scheduling/memory-management.html
OBJECT_STORE_SHARE = 0.3
#: What Ray's own processes hold, resident, with 2.60.0 and nothing to do: measured here at 1.3 GiB on a head (dashboard, GCS, agents)
#: and 0.4 GiB on a worker, and rounded up. Tasks are not promised this memory.
HEAD_SYSTEM_MIB, WORKER_SYSTEM_MIB = 1536, 640
#: Figures people read are whole multiples of this; what is cut off is well below what one node differs from the next.
_STEP_MIB = 64
#: A head below this has nothing left beside its own processes and its objects.
_LEAST_MIB = 2560


@dataclass(frozen=True)
class RaySize:
    """One pod: CPUs, and MiB of memory, of which `object_store_mib` for objects and `system_mib` for Ray itself."""

    cpus: int
    memory_mib: int
    object_store_mib: int
    system_mib: int


def ray_sizes(shape: Shape) -> tuple[RaySize, RaySize] | None:
    """(head, worker), one of which fills a node of this type beside what every node runs; None for a type that is too small.

    Whole CPUs, because Ray counts its tasks in them. Two such pods never share a node: each has more than half of it.
    """
    cpus, memory = shape.free_cpu_milli // 1000, _floor(shape.free_memory_mib)
    if cpus < 1 or memory < _LEAST_MIB:
        return None
    objects = _floor(memory * OBJECT_STORE_SHARE)
    return RaySize(cpus, memory, objects, HEAD_SYSTEM_MIB), RaySize(cpus, memory, objects, WORKER_SYSTEM_MIB)


def _floor(mib: float) -> int:
    return int(mib) // _STEP_MIB * _STEP_MIB

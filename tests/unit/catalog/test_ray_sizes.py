"""What nodes offer to pods, against Karpenter's own figures, and the Ray pods that fill them."""

from __future__ import annotations

import pytest

from modules.catalog.instances import DAEMONS_CPU_MILLI, DAEMONS_MEMORY_MIB, families, find_shape
from modules.catalog.ray_sizes import HEAD_SYSTEM_MIB, WORKER_SYSTEM_MIB, RaySize, ray_sizes

#: Type, allocatable CPU (thousandths) and memory (MiB): https://karpenter.sh/docs/reference/instance-types/ (AL2023), read 2026-11-21 in
#: aws/karpenter-provider-aws at 0c5e7d81; then the CPUs and MiB of the Ray pod that we make of it, and its objects' part.
ROWS = [
    ("c6g.large", 1930, 3055, 1, 2752, 768),
    ("c6g.2xlarge", 7910, 14103, 7, 13760, 4096),
    ("c6g.4xlarge", 15890, 27322, 15, 27008, 8064),
    ("c5.large", 1930, 3114, 1, 2816, 832),
    ("c5.xlarge", 3920, 6584, 3, 6272, 1856),
    ("c5.2xlarge", 7910, 14162, 7, 13824, 4096),
    ("c5.4xlarge", 15890, 27381, 15, 27072, 8064),
    ("c5.9xlarge", 35840, 65269, 35, 64960, 19456),
    ("c5.12xlarge", 47810, 88002, 47, 87680, 26304),
    ("c5.18xlarge", 71750, 127934, 71, 127616, 38272),
    ("c5a.16xlarge", 63770, 112779, 63, 112448, 33728),
    ("m5d.large", 1930, 6903, 1, 6592, 1920),
    ("m5d.xlarge", 3920, 14162, 3, 13824, 4096),
    # The daft env's: the same shape as m5.2xlarge.
    ("m5d.2xlarge", 7910, 29317, 7, 28992, 8640),
    ("m5d.8xlarge", 31850, 118312, 31, 118016, 35392),
    ("m5d.16xlarge", 63770, 234021, 63, 233728, 70080),
    ("r5n.large", 1930, 14481, 1, 14144, 4224),
    ("r5n.2xlarge", 7910, 59627, 7, 59328, 17792),
    ("r5n.12xlarge", 47810, 360795, 47, 360512, 108096),
    ("r6a.xlarge", 3920, 29317, 3, 28992, 8640),
]


@pytest.mark.parametrize(("instance_type", "cpu", "memory", "cpus", "mib", "objects"), ROWS, ids=[row[0] for row in ROWS])
def test_a_ray_pod_fills_its_node(instance_type: str, cpu: int, memory: int, cpus: int, mib: int, objects: int) -> None:
    shape = find_shape(instance_type)
    assert shape is not None
    assert (shape.allocatable_cpu_milli, shape.allocatable_memory_mib) == (cpu, memory)
    sizes = ray_sizes(shape)
    assert sizes == (RaySize(cpus, mib, objects, HEAD_SYSTEM_MIB), RaySize(cpus, mib, objects, WORKER_SYSTEM_MIB))


@pytest.mark.parametrize("instance_type", ["t3.micro", "t3.small", "m6g.medium", "c7g.medium"])
def test_some_types_are_too_small(instance_type: str) -> None:
    shape = find_shape(instance_type)
    assert shape is not None
    assert ray_sizes(shape) is None


def test_one_pod_a_node_on_every_type() -> None:
    judged = 0
    for shape in (each for sizes in families().values() for each in sizes.values()):
        sizes = ray_sizes(shape)
        if sizes is None:
            continue
        for size in sizes:
            judged += 1
            assert size.cpus * 1000 + DAEMONS_CPU_MILLI <= shape.allocatable_cpu_milli
            assert size.memory_mib + DAEMONS_MEMORY_MIB <= shape.allocatable_memory_mib
            assert 2 * size.memory_mib > shape.allocatable_memory_mib, "two would share the node"
            assert size.memory_mib - size.object_store_mib - size.system_mib > 0, "no task could ask for memory"
    assert judged > 1000

"""Instance shapes, and what a node of each leaves for pods once EKS and the system have taken their share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: Memory the hypervisor and the kernel keep, as a share of the nominal size. Karpenter's own estimate before it has seen a node,
#: https://karpenter.sh/docs/reference/settings/ (VM_MEMORY_OVERHEAD_PERCENT); measured nodes lose 3 to 7 percent.
VM_OVERHEAD = 0.075
#: MiB that the kernel of 64-bit ARM nodes sets aside for devices (CMA) before that, as Karpenter counts it.
ARM_RESERVED_MIB = 64
#: kubelet's hard eviction threshold on EKS AL2023 (memory.available), awslabs/amazon-eks-ami nodeadm/internal/kubelet/config.go.
EVICTION_MIB = 100
#: What the DaemonSets every node runs ask for: vpc-cni 50m, kube-proxy 100m, EBS CSI 30m/120Mi, EFS CSI, pod-identity agent, and
#: 100m/160Mi for log shipping. Our own sum over the add-ons' default requests; a pod's CPU requests are in thousandths.
DAEMONS_CPU_MILLI, DAEMONS_MEMORY_MIB = 280, 280


@dataclass(frozen=True)
class Shape:
    """One instance type."""

    type: str
    arch: str
    vcpu: int
    memory_mib: int
    accelerators: int
    accelerator: str
    """`nvidia:t4`, `neuron:inferentia2`; "" for none."""
    pods: int

    @property
    def reserved_cpu_milli(self) -> int:
        """kubelet's share of the CPU: 6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the rest
        (nodeadm, getCPUMillicoresToReserve)."""
        shares = [60, 10, 5, 5]
        return int(sum(shares[: self.vcpu]) + 2.5 * max(self.vcpu - 4, 0))

    @property
    def reserved_memory_mib(self) -> int:
        """kubelet's share of the memory: 11 MiB a pod and 255 MiB (nodeadm, getMemoryMebibytesToReserve)."""
        return 11 * self.pods + 255

    @property
    def allocatable_cpu_milli(self) -> int:
        """Thousandths of a CPU that the node offers to pods."""
        return self.vcpu * 1000 - self.reserved_cpu_milli

    @property
    def allocatable_memory_mib(self) -> int:
        """MiB that the node offers to pods, as Karpenter expects before it has seen one; below 0 for the smallest types."""
        nominal = self.memory_mib - (ARM_RESERVED_MIB if self.arch == "arm64" else 0)
        return int(nominal * (1 - VM_OVERHEAD)) - self.reserved_memory_mib - EVICTION_MIB

    @property
    def free_cpu_milli(self) -> int:
        """Thousandths of a CPU left for one user's pod."""
        return self.allocatable_cpu_milli - DAEMONS_CPU_MILLI

    @property
    def free_memory_mib(self) -> int:
        """MiB left for one user's pod."""
        return max(self.allocatable_memory_mib - DAEMONS_MEMORY_MIB, 0)

    def holds(self, cpu: float, memory_bytes: int, accelerators: int = 0) -> bool:
        """Whether one pod with these requests (CPUs, bytes, whole cards) finds room on an empty node of this type."""
        return self.free_cpu_milli >= cpu * 1000 and self.free_memory_mib >= memory_bytes / 2**20 and self.accelerators >= accelerators


@cache
def families() -> dict[str, dict[str, Shape]]:
    """Every known family: its sizes, in the order of the catalog."""
    known = {}
    for line in Path(__file__).with_name("instances.txt").read_text(encoding="ascii").splitlines():
        if not line.startswith("#"):
            family, arch, accelerator, *cells = line.split()
            known[family] = {cell.split(":")[0]: _shape(family, arch, accelerator, cell) for cell in cells}
    return known


def find_shape(instance_type: str) -> Shape | None:
    """The shape of one type, or None when the catalog does not know it."""
    family, _, size = instance_type.partition(".")
    return families().get(family, {}).get(size)


def _shape(family: str, arch: str, accelerator: str, cell: str) -> Shape:
    size, *numbers = cell.split(":")
    vcpu, memory, count, pods = (int(number) for number in numbers)
    return Shape(f"{family}.{size}", arch, vcpu, memory, count, "" if accelerator == "-" else accelerator, pods)

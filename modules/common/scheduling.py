"""Where pods go: one vocabulary of labels and taints for node pools, node groups and the charts that place pods on them.

The five seeds used five. These are the field's own where it has one (z2jh, dask, NVIDIA), and the seeds' otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

#: On every node of a pool or node group, with its key in the configuration: what a profile selects its nodes by.
POOL_LABEL = "hubsmith.io/pool"
#: A node group with this label is the cluster-autoscaler's own, as the Daft seed had it.
AUTOSCALER_LABEL = ("dedicated", "clusterAutoscaler")


@dataclass(frozen=True)
class Placement:
    """What a node carries for one purpose; a pod needs the labels as selector and tolerates the taints."""

    labels: dict[str, str]
    taints: tuple[str, ...]


_PURPOSES = {
    "user": Placement({"hub.jupyter.org/node-purpose": "user"}, ("hub.jupyter.org/dedicated=user:NoSchedule",)),
    "core": Placement({"hub.jupyter.org/node-purpose": "core"}, ()),
    "dask-worker": Placement({"k8s.dask.org/node-purpose": "worker"}, ("k8s.dask.org/dedicated=worker:NoSchedule",)),
    "ray": Placement({"dedicated": "ray"}, ("dedicated=ray:NoSchedule",)),
    "vault": Placement({"dedicated": "vaultCluster"}, ("dedicated=vaultCluster:NoSchedule",)),
    "desktop": Placement({"usage": "visualization"}, ("usage=visualization:NoSchedule",)),
    "public": Placement({"hubsmith.io/purpose": "public"}, ("hubsmith.io/purpose=public:NoSchedule",)),
}
_ACCELERATORS = {
    "nvidia": Placement({"nvidia.com/gpu.present": "true"}, ("nvidia.com/gpu=present:NoSchedule",)),
    "nvidia-time-sliced": Placement(
        {"nvidia.com/gpu.present": "true", "hubsmith.io/gpu-sharing": "time-sliced"}, ("nvidia.com/gpu=present:NoSchedule",)
    ),
    "neuron": Placement({"aws.amazon.com/neuron.present": "true"}, ("aws.amazon.com/neuron=present:NoSchedule",)),
}
#: The extended resource that a pod asks of each kind of accelerator, as the device plugins name it.
ACCELERATOR_RESOURCES = {"nvidia": "nvidia.com/gpu", "nvidia-time-sliced": "nvidia.com/gpu", "neuron": "aws.amazon.com/neuron"}


def placement(purpose: str, gpu: str | None) -> Placement:
    """The standing labels and taints of nodes for `purpose` (see config Pool.purpose) with accelerator `gpu`."""
    base = _PURPOSES[purpose]
    if gpu is None:
        return base
    extra = _ACCELERATORS[gpu]
    return Placement({**base.labels, **extra.labels}, base.taints + extra.taints)


def split_taint(text: str) -> tuple[str, str, str]:
    """(key, value, effect) of `key=value:Effect`; the value is "" when there is none."""
    head, _, effect = text.rpartition(":")
    key, _, value = head.partition("=")
    return key, value, effect


def toleration(taint: str) -> dict[str, str]:
    """What lets a pod onto nodes with `taint` (`key=value:Effect`), as Kubernetes writes it."""
    key, value, effect = split_taint(taint)
    same = {"operator": "Equal", "value": value} if value else {"operator": "Exists"}
    return {"key": key, **same, "effect": effect}

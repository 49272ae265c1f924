"""What cluster-autoscaler is told of a node that an empty group would start: tags, derived here and nowhere else.

It builds that node from the group's first instance type and lays over it what the autoscaling group's tags say (buildNodeFromTemplate
in https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/aws_manager.go). EKS hands labels and
taints of a node group to its nodes and not to its autoscaling group. Zone, architecture and the CSI driver's zone it knows itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modules.catalog.instances import find_shape
from modules.common.scheduling import ACCELERATOR_RESOURCES, split_taint

PREFIX = "k8s.io/cluster-autoscaler/node-template"
#: kubelet evicts pods when less than a tenth of the disk is free (nodefs.available), and the system with its tools takes about 2 GiB:
#: of 100 GiB an AL2023 node offers 88.9.
_SYSTEM_GIB = 2


def node_template_tags(
    *, labels: Mapping[str, str], taints: Sequence[str], gpu: str | None, instance_types: Sequence[str], disk_gib: int
) -> dict[str, str]:
    """Tags of the autoscaling group, by key. taints: `key=value:Effect`; gpu: as in NodeGroup.gpu; disk_gib: the root volume."""
    tags = {f"{PREFIX}/label/{key}": value for key, value in labels.items()}
    for text in taints:
        key, value, effect = split_taint(text)
        tags[f"{PREFIX}/taint/{key}"] = f"{value}:{effect}"
    tags[f"{PREFIX}/resources/ephemeral-storage"] = f"{disk_gib * 9 // 10 - _SYSTEM_GIB}Gi"
    cards = accelerators(instance_types) if gpu else 0
    if gpu and cards:
        tags[f"{PREFIX}/resources/{ACCELERATOR_RESOURCES[gpu]}"] = str(cards)
    return tags


def accelerators(instance_types: Sequence[str]) -> int:
    """Cards that a node of any of these types has at least; 0 when the catalog does not know them all, and then nothing is claimed."""
    shapes = [find_shape(each) for each in instance_types]
    return min((shape.accelerators if shape else 0 for shape in shapes), default=0)

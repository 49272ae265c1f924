"""Values of our charts ray-static-cluster and raycluster, and of KubeRay's operator, 1.7.0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from modules.catalog.instances import find_shape
from modules.catalog.ray_sizes import RaySize, ray_sizes
from modules.common import ray as refs
from modules.common.posix import NOTEBOOK_GID, NOTEBOOK_UID
from modules.common.scheduling import POOL_LABEL, placement, toleration
from modules.config.extras import RayCluster
from modules.config.models import HubConfig
from modules.config.place import places
from modules.k8s.charts.parts import on_core, resources

#: What KubeRay's autoscaler, which runs beside a head, is given of its node; the operator's own default.
_AUTOSCALER_CPU, _AUTOSCALER_MIB = 0.5, 512
#: GiB of a node's disk that images and the system are left.
_DISK_KEPT_GIB = 40
#: The operator grows with the pods it looks after: 500 MiB at 500, https://docs.ray.io/en/latest/cluster/kubernetes/benchmarks/
_OPERATOR_MEMORY = "512Mi"


@dataclass(frozen=True)
class RayRefs:
    """What a cluster's values need beside the configuration; strings may be Terraform's, known only when it runs.

    secret_revision: changes with the token. role_arn: of the application role of its account; "" for none.
    """

    secret_revision: str
    role_arn: str = ""


def static_values(config: HubConfig, key: str, at: RayRefs) -> dict[str, Any]:
    """The values of a cluster of kind static."""
    cluster = config.ray[key]
    head, worker = _sizes(cluster)
    return {
        **_common(config, key, at),
        "head": _pod(head, head.cpus, tasks=False),
        "worker": {"replicas": cluster.workers, **_pod(worker, worker.cpus)},
        "token": {"secret": refs.pod_secret(key), "key": refs.TOKEN_KEY, "revision": at.secret_revision},
    }


def kuberay_values(config: HubConfig, key: str, at: RayRefs) -> dict[str, Any]:
    """The values of a cluster of kind kuberay."""
    cluster = config.ray[key]
    head, worker = _sizes(cluster)
    beside = RaySize(head.cpus, head.memory_mib - _AUTOSCALER_MIB, head.object_store_mib, head.system_mib)
    return {
        **_common(config, key, at),
        "head": _pod(beside, head.cpus - _AUTOSCALER_CPU, tasks=False),
        "worker": {"least": cluster.workers, "most": cluster.max_workers or cluster.workers, **_pod(worker, worker.cpus)},
        "autoscaler": {"cpu": _AUTOSCALER_CPU, "memoryMib": _AUTOSCALER_MIB},
        "token": {"secret": refs.pod_secret(key), "revision": at.secret_revision},
    }


def operator_values(config: HubConfig) -> dict[str, Any]:
    """Values of release `kuberay-operator`. Keys as in the chart's values.yaml."""
    return {
        **on_core(config),
        "resources": {**resources("100m", _OPERATOR_MEMORY), "limits": {"cpu": "500m", "memory": _OPERATOR_MEMORY}},
        "podSecurityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }


def _common(config: HubConfig, key: str, at: RayRefs) -> dict[str, Any]:
    cluster = config.ray[key]
    return {
        "cluster": key,
        "image": cluster.image,
        "rayVersion": cluster.version,
        "serviceAccount": {"roleArn": at.role_arn},
        **_where(config, cluster),
        "user": NOTEBOOK_UID,
        "group": NOTEBOOK_GID,
        "readOnlyRootFilesystem": not cluster.writable_root,
        "scratch": f"{_scratch_gib(config, cluster)}Gi",
    }


def _sizes(cluster: RayCluster) -> tuple[RaySize, RaySize]:
    shape = find_shape(cluster.instance_type)
    found = ray_sizes(shape) if shape else None
    assert found is not None  # a check of the configuration
    return found


def _pod(size: RaySize, cpu: float, *, tasks: bool = True) -> dict[str, Any]:
    return {
        "cpu": cpu,
        "numCpus": size.cpus if tasks else 0,
        "memoryMib": size.memory_mib,
        "objectStoreMib": size.object_store_mib,
        "systemMib": size.system_mib,
    }


def _where(config: HubConfig, cluster: RayCluster) -> dict[str, Any]:
    place = places(config)[cluster.pool]
    selector = {POOL_LABEL: place.key}
    # Karpenter would put two pods on a node of twice the size. A node group's types are alike (a check), and its autoscaler, which
    # looks at the first of them, would never start a node for a pod that names another.
    if place.path[0] == "pools" and place.types != (cluster.instance_type,):
        selector["node.kubernetes.io/instance-type"] = cluster.instance_type
    taints = (*placement(place.purpose, place.gpu).taints, *place.taints)
    return {"nodeSelector": selector, "tolerations": [toleration(taint) for taint in taints]}


def _scratch_gib(config: HubConfig, cluster: RayCluster) -> int:
    pool = config.pools.get(cluster.pool)
    disk = pool.disk if pool else config.node_groups[cluster.pool].disk
    return max(disk.size_gib - _DISK_KEPT_GIB, 10)

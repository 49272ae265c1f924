"""Values of our chart helm/nodepools: Karpenter's EC2NodeClass and NodePool objects (v1, Karpenter 1.14.1), made of the pools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modules.common.quantity import quantity
from modules.common.scheduling import ACCELERATOR_RESOURCES, POOL_LABEL, placement, split_taint
from modules.common.tags import DEPLOYMENT
from modules.config.models import HubConfig
from modules.config.nodes import Disk, Pool, node_pool_names
from modules.k8s.charts import nvidia_device_plugin

#: The range of NodePool.spec.weight.
_WEIGHT_MAX = 100
#: Bottlerocket keeps the system on the first volume and everything that grows on the second.
_SYSTEM_VOLUME_GIB = 4


def node_pools(config: HubConfig, *, node_role: str, cluster_name: str, security_group_id: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """`nodeClasses`, `nodePools` and `labels` of the chart.

    node_role: the role's name, without path. tags: put on instances, volumes and interfaces; they carry the deployment's, by which
    the sweep knows what Karpenter left. The strings may be Terraform's, known only when it runs.
    """
    classes: dict[str, Any] = {}
    pools: dict[str, Any] = {}
    for key, pool in config.pools.items():
        classes[key] = {
            "spec": {
                "amiSelectorTerms": [{"alias": pool.ami}],
                "role": node_role,
                "subnetSelectorTerms": _subnets(config, cluster_name, public=pool.purpose == "public"),
                **({"associatePublicIPAddress": True} if pool.purpose == "public" else {}),
                "securityGroupSelectorTerms": [{"id": security_group_id}],
                "metadataOptions": _metadata(pool.hop_limit),
                "blockDeviceMappings": _volumes(pool),
                # Local disks, where the type has some, hold images and scratch: they are paid for and faster than the root volume.
                "instanceStorePolicy": "RAID0",
                "tags": {"Name": f"{cluster_name}-{key}", **tags},
            }
        }
        for name, capacity, weight in zip(node_pool_names(key, pool), pool.capacity, _weights(pool), strict=True):
            pools[name] = {"spec": _node_pool(config, key, pool, capacity, weight)}
    return {"nodeClasses": classes, "nodePools": pools, "labels": {"app.kubernetes.io/part-of": "hubsmith"}}


def _subnets(config: HubConfig, cluster_name: str, *, public: bool) -> list[dict[str, Any]]:
    """By Karpenter's tag on our own subnets; by id in a VPC of somebody else's, whose subnets we do not tag. public: with a way in."""
    existing = config.network.existing
    if existing:
        return [{"id": each} for each in ((public and existing.public_subnets) or existing.data_plane_subnets)]
    if public:
        # The load balancers' tag alone would find those of every VPC of the account.
        return [{"tags": {DEPLOYMENT: config.deployment, "kubernetes.io/role/elb": "1"}}]
    return [{"tags": {"karpenter.sh/discovery": cluster_name}}]


def _metadata(hop_limit: int) -> dict[str, Any]:
    return {
        "httpEndpoint": "enabled",
        "httpProtocolIPv6": "disabled",
        "httpPutResponseHopLimit": hop_limit,
        "httpTokens": "required",
    }


def _volumes(pool: Pool) -> list[dict[str, Any]]:
    if pool.ami.startswith("bottlerocket@"):
        return [_volume("/dev/xvda", Disk(size_gib=20), size_gib=_SYSTEM_VOLUME_GIB), _volume("/dev/xvdb", pool.disk)]
    return [_volume("/dev/xvda", pool.disk)]


def _volume(device: str, disk: Disk, *, size_gib: int | None = None) -> dict[str, Any]:
    return {
        "deviceName": device,
        "ebs": {
            "deleteOnTermination": True,
            "encrypted": True,
            "iops": disk.iops,
            "throughput": disk.throughput_mib,
            "volumeSize": f"{size_gib or disk.size_gib}Gi",
            "volumeType": "gp3",
        },
    }


def _weights(pool: Pool) -> list[int]:
    """Falling in the order of capacity, the last at the pool's own weight where that leaves room below 100."""
    more = len(pool.capacity) - 1
    lowest = min(pool.weight, _WEIGHT_MAX - more)
    return [lowest + more - index for index in range(len(pool.capacity))]


def _node_pool(config: HubConfig, key: str, pool: Pool, capacity: str, weight: int) -> dict[str, Any]:
    standing = placement(pool.purpose, pool.gpu)
    return {
        "template": {
            "metadata": {"labels": {**pool.labels, **standing.labels, **nvidia_device_plugin.node_labels(pool), POOL_LABEL: key}},
            "spec": {
                "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": key},
                "requirements": _requirements(config, pool, capacity),
                "taints": [_taint(text) for text in (*standing.taints, *pool.taints)],
                "expireAfter": pool.disruption.expire_after,
                # Without it a notebook marked do-not-disrupt would hold an expired node, and its old image, for ever.
                "terminationGracePeriod": pool.disruption.termination_grace,
            },
        },
        "limits": _limits(pool),
        "disruption": {
            "consolidationPolicy": pool.disruption.consolidate,
            "consolidateAfter": pool.disruption.after,
            "budgets": [{"nodes": str(pool.disruption.budget_nodes)}],
        },
        "weight": weight,
    }


def _requirements(config: HubConfig, pool: Pool, capacity: str) -> list[dict[str, Any]]:
    wanted: dict[str, Sequence[str]] = {
        "karpenter.k8s.aws/instance-family": pool.families,
        "karpenter.k8s.aws/instance-size": pool.sizes,
        "karpenter.sh/capacity-type": [capacity],
        "kubernetes.io/arch": [pool.arch],
        "kubernetes.io/os": ["linux"],
    }
    if pool.zones:
        wanted["topology.kubernetes.io/zone"] = [zone if len(zone) > 1 else f"{config.region}{zone}" for zone in pool.zones]
    return [{"key": key, "operator": "In", "values": list(values)} for key, values in wanted.items()]


def _taint(text: str) -> dict[str, str]:
    key, value, effect = split_taint(text)
    return {"key": key, **({"value": value} if value else {}), "effect": effect}


def _limits(pool: Pool) -> dict[str, str]:
    limits = {"cpu": str(pool.limits.cpu), "memory": quantity(pool.limits.memory)}
    if pool.gpu and pool.limits.gpu is not None:
        limits[ACCELERATOR_RESOURCES[pool.gpu]] = str(pool.limits.gpu)
    return limits

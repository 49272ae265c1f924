"""How much all processes of a namespace may take together, and what one has that asks for nothing."""

from __future__ import annotations

from typing import Any

from modules.cdk import Stack, kubernetes
from modules.common.quantity import quantity
from modules.config.extras import Launcher

_NAME = "processes"


def limits(stack: Stack, name: str, reference: str, settings: Launcher) -> list[Any]:
    """ResourceQuota and LimitRange of namespace `name`; gives the resources. reference: to the namespace."""
    ns = kubernetes.resource_quota_v1
    hard = {
        "requests.cpu": f"{settings.total_cpu:g}",
        "requests.memory": quantity(settings.total_memory),
        # Whatever else may come to be there: a process is never a reason for a load balancer, or for a volume.
        "services.loadbalancers": "0",
        "persistentvolumeclaims": "0",
        **({} if settings.public_cidrs else {"services.nodeports": "0"}),
    }
    quota = ns.ResourceQuotaV1(
        stack,
        f"quota-{name}",
        metadata=ns.ResourceQuotaV1Metadata(name=_NAME, namespace=reference),
        spec=ns.ResourceQuotaV1Spec(hard=hard),
    )
    ns = kubernetes.limit_range_v1
    # A default limit would refuse every process that asks for more than it and names no limit of its own.
    default = ns.LimitRangeV1SpecLimit(type="Container", default_request={"cpu": f"{settings.cpu:g}", "memory": quantity(settings.memory)})
    range_ = ns.LimitRangeV1(
        stack,
        f"defaults-{name}",
        metadata=ns.LimitRangeV1Metadata(name=_NAME, namespace=reference),
        spec=ns.LimitRangeV1Spec(limit=[default]),
    )
    return [quota, range_]

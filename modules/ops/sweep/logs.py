"""Log groups that AWS or an agent wrote again after Terraform had deleted them: without tags, and kept for ever."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from modules.ops.aws_clients import Clients, pages
from modules.ops.sweep.model import Sweepable
from modules.ops.sweep.scope import Scope


def log_groups(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """By the exact names that only this cluster and this deployment use."""
    logs = clients.get("logs")
    prefixes = {f"/hubsmith/{scope.deployment}/": False}
    if scope.cluster:
        # EKS: https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html, Container Insights:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-reference-performance-logs-EKS.html
        prefixes |= {f"/aws/eks/{scope.cluster}/cluster": True, f"/aws/containerinsights/{scope.cluster}/": False}
    for prefix, whole in prefixes.items():
        for group in pages(logs, "describe_log_groups", "logGroups", logGroupNamePrefix=prefix):
            name, arn = group["logGroupName"], group["arn"].removesuffix(":*")
            if whole and name != prefix:
                continue
            if scope.allows(logs.list_tags_for_resource(resourceArn=arn).get("tags", {})):
                # A cluster that still writes would make it again.
                needs = frozenset({f"cluster {scope.cluster}"})
                yield Sweepable("log group", name, partial(logs.delete_log_group, logGroupName=name), names=frozenset({arn}), needs=needs)

"""What the values of most charts have in common: where the pods run, as whom, and with how much."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from modules.common.scheduling import placement, split_taint
from modules.config.models import HubConfig

#: All controllers of the platform live here; their IRSA roles trust `kube-system:<SERVICE_ACCOUNT>`.
NAMESPACE = "kube-system"
#: For what must run on every node, whatever its taints: drivers, log shipping.
EVERYWHERE: list[dict[str, Any]] = [{"operator": "Exists"}]
#: The user `nobody` of distroless images.
_NOBODY = 65534


def on_core(config: HubConfig) -> dict[str, Any]:
    """nodeSelector and tolerations of a controller: the core nodes, or any node of a cluster that somebody else owns."""
    if config.cluster.existing is not None:
        return {"nodeSelector": {"kubernetes.io/os": "linux"}, "tolerations": []}
    core = placement("core", None)
    return {"nodeSelector": {"kubernetes.io/os": "linux", **core.labels}, "tolerations": tolerations(core.taints)}


def replicas(config: HubConfig) -> int:
    """Two, one a node; one where the core group may have a single node and the second would wait for ever."""
    return min(2, config.cluster.core.min) if config.cluster.existing is None else 2


def tolerations(taints: Iterable[str]) -> list[dict[str, Any]]:
    """Tolerations of these taints (`key=value:Effect`), exactly."""
    made: list[dict[str, Any]] = []
    for text in taints:
        key, value, effect = split_taint(text)
        match = {"operator": "Equal", "value": value} if value else {"operator": "Exists"}
        made.append({"key": key, **match, "effect": effect})
    return made


def service_account(name: str, role_arn: str) -> dict[str, Any]:
    """A service account that EKS gives an IAM role. role_arn may be an engine token."""
    return {"create": True, "name": name, "annotations": {"eks.amazonaws.com/role-arn": role_arn}}


def resources(cpu: str, memory: str, limit: str | None = None) -> dict[str, Any]:
    """Requests, and a limit of memory alone (default: the request): a CPU limit would only slow a controller down."""
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": limit or memory}}


def unprivileged_pod() -> dict[str, Any]:
    """A pod's securityContext: not root, and no unusual system calls."""
    return {"runAsNonRoot": True, "runAsUser": _NOBODY, "fsGroup": _NOBODY, "seccompProfile": {"type": "RuntimeDefault"}}


def unprivileged_container() -> dict[str, Any]:
    """A container's securityContext: nothing it could gain, nothing it could write."""
    return {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}

"""Seats: pods that do nothing but hold a desktop node up.

No autoscaler starts a node for a DaemonSet, which by its nature only follows nodes. A seat is the pod that asks for one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modules.cdk import Lifecycle, Stack, kubernetes
from modules.common import desktops as refs

_POD = "DeploymentV1SpecTemplateSpec"
_APART = f"{_POD}AffinityPodAntiAffinity"
_CONTAINER = f"{_POD}Container"
#: Kubernetes' own pause container, https://github.com/kubernetes/kubernetes/blob/master/build/pause/CHANGELOG.md
_IMAGE = "registry.k8s.io/pause:3.10.1"
_NOBODY = 65535


def seats(
    stack: Stack,
    *,
    namespace: str,
    count: int,
    selector: Mapping[str, str],
    tolerations: Sequence[Mapping[str, str]],
    depends_on: Sequence[Any],
) -> Any:
    """`dcv-seats`: `count` at creation; then `./hub desktop start|stop` and the agent's idle stop have the say."""
    ns = kubernetes.deployment_v1
    return ns.DeploymentV1(
        stack,
        "seats",
        metadata=ns.DeploymentV1Metadata(name=refs.SEATS, namespace=namespace, labels=dict(refs.SEAT_LABELS)),
        spec=ns.DeploymentV1Spec(
            replicas=str(count),
            selector=ns.DeploymentV1SpecSelector(match_labels=dict(refs.SEAT_LABELS)),
            # A seat may not sit beside its successor, so a rolling update would start a second GPU node for each.
            strategy=ns.DeploymentV1SpecStrategy(type="Recreate"),
            template=ns.DeploymentV1SpecTemplate(
                metadata=ns.DeploymentV1SpecTemplateMetadata(labels=dict(refs.SEAT_LABELS)), spec=_pod(selector, tolerations)
            ),
        ),
        wait_for_rollout=False,
        lifecycle=Lifecycle(ignore_changes=["spec[0].replicas"]),
        depends_on=list(depends_on),
    )


def _part(kind: str, /, **values: Any) -> Any:
    return getattr(kubernetes.deployment_v1, kind)(**values)


def _pod(selector: Mapping[str, str], tolerations: Sequence[Mapping[str, str]]) -> Any:
    alone = f"{_APART}RequiredDuringSchedulingIgnoredDuringExecution"
    return _part(
        _POD,
        automount_service_account_token=False,
        enable_service_links=False,
        node_selector=dict(selector),
        toleration=[_part(f"{_POD}Toleration", **toleration) for toleration in tolerations],
        affinity=_part(
            f"{_POD}Affinity",
            pod_anti_affinity=_part(
                _APART,
                required_during_scheduling_ignored_during_execution=[
                    _part(
                        alone,
                        topology_key="kubernetes.io/hostname",
                        label_selector=[_part(f"{alone}LabelSelector", match_labels=dict(refs.SEAT_LABELS))],
                    )
                ],
            ),
        ),
        security_context=_part(
            f"{_POD}SecurityContext",
            run_as_non_root=True,
            run_as_user=str(_NOBODY),
            run_as_group=str(_NOBODY),
            seccomp_profile=_part(f"{_POD}SecurityContextSeccompProfile", type="RuntimeDefault"),
        ),
        container=[
            _part(
                _CONTAINER,
                name="seat",
                image=_IMAGE,
                image_pull_policy="IfNotPresent",
                resources=_part(
                    f"{_CONTAINER}Resources", requests={"cpu": "10m", "memory": "16Mi"}, limits={"cpu": "10m", "memory": "16Mi"}
                ),
                security_context=_part(
                    f"{_CONTAINER}SecurityContext",
                    allow_privilege_escalation=False,
                    read_only_root_filesystem=True,
                    capabilities=_part(f"{_CONTAINER}SecurityContextCapabilities", drop=["ALL"]),
                ),
            )
        ],
    )

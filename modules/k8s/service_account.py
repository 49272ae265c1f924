"""A service account that carries an IAM role, and no token for the Kubernetes API unless its pods need one."""

from __future__ import annotations

from typing import Any

from modules.cdk import Stack, kubernetes


def role_annotations(role_arn: str | None) -> dict[str, str]:
    """By which EKS gives an account's pods their role, with credentials from the STS of the cluster's region, which its own
    interface endpoint serves. Empty for no role."""
    if role_arn is None:
        return {}
    return {"eks.amazonaws.com/role-arn": role_arn, "eks.amazonaws.com/sts-regional-endpoints": "true"}


class ServiceAccount:
    """`name` in `namespace`. role_arn: what AWS lets its pods do; None for nothing."""

    def __init__(self, stack: Stack, id: str, *, name: str, namespace: str, role_arn: str | None, api_token: bool = False) -> None:
        ns = kubernetes.service_account_v1
        self.resource: Any = ns.ServiceAccountV1(
            stack,
            id,
            metadata=ns.ServiceAccountV1Metadata(name=name, namespace=namespace, annotations=role_annotations(role_arn) or None),
            automount_service_account_token=api_token,
        )

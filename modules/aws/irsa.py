"""The one helper by which a pod gets an IAM role: exact service account, exact audience, partition-aware."""

from __future__ import annotations

from typing import Any

from modules.aws.cluster import ClusterRef
from modules.aws.role import Role
from modules.cdk import Stack
from modules.iam import trust


class IrsaRole(Role):
    """A role that only the service account `namespace`:`service_account` of this cluster can assume."""

    def __init__(
        self,
        stack: Stack,
        id: str,
        *,
        name: str,
        path: str,
        boundary: str | None,
        cluster: ClusterRef,
        namespace: str,
        service_account: str,
        managed: dict[str, str] | None = None,
        inline: dict[str, dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(
            stack,
            id,
            name=name,
            path=path,
            boundary=boundary,
            trust=trust.irsa(
                provider_arn=cluster.oidc_provider_arn, issuer=cluster.issuer, namespace=namespace, service_account=service_account
            ),
            managed=managed,
            inline=inline,
        )

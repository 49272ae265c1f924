"""The roles that the operator defines for service accounts (config: roles), one a key."""

from __future__ import annotations

from typing import Any

from modules.aws.cluster import ClusterRef
from modules.aws.role import Role
from modules.cdk import Stack, literal
from modules.common import names
from modules.config import HubConfig
from modules.config.roles import accounts, role_name
from modules.iam import app


class AppRoles:
    """Each role with its trust and its policy. arns: `namespace:name` of a service account → ARN of its role."""

    def __init__(self, stack: Stack, config: HubConfig, *, cluster: ClusterRef, path: str, boundary: str | None) -> None:
        self.roles = {key: self._role(stack, config, key, cluster, path, boundary) for key in config.roles}
        self.arns: dict[str, str] = {account: self.roles[key].arn for account, key in accounts(config).items()}

    def _role(self, stack: Stack, config: HubConfig, key: str, cluster: ClusterRef, path: str, boundary: str | None) -> Role:
        wanted = config.roles[key]
        policy = app.role_policy(wanted, partition=config.partition)
        return Role(
            stack,
            f"app-{key}",
            name=role_name(config, key),
            path=path,
            boundary=boundary,
            trust=app.role_trust(wanted, provider_arn=cluster.oidc_provider_arn, issuer=cluster.issuer),
            # Two policies of different accounts may have one name; their addresses must differ, and stay.
            managed={f"managed-{names.digest(arn)}": arn for arn in wanted.managed_policies},
            inline={app.POLICY: _literal(policy)} if policy else None,
        )


def _literal(value: Any) -> Any:
    """Policy variables such as ${aws:username} are IAM's to fill in, not Terraform's."""
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, dict):
        return {key: _literal(each) for key, each in value.items()}
    return [_literal(each) for each in value] if isinstance(value, list | tuple) else value

"""IAM roles: always under the deployment's path, always inside the permissions boundary when there is one."""

from __future__ import annotations

import json
from typing import Any

from modules.cdk import Stack, aws


class Role:
    """A role with its trust policy, managed policies (key → ARN) and inline policies (name → document)."""

    def __init__(
        self,
        stack: Stack,
        id: str,
        *,
        name: str,
        path: str,
        boundary: str | None,
        trust: dict[str, Any],
        managed: dict[str, str] | None = None,
        inline: dict[str, dict[str, Any]] | None = None,
        session_hours: int = 1,
    ) -> None:
        self.resource = aws.iam_role.IamRole(
            stack,
            id,
            name=name,
            path=path,
            permissions_boundary=boundary,
            assume_role_policy=json.dumps(trust),
            max_session_duration=session_hours * 3600,
        )
        self.name: str = self.resource.name
        self.arn: str = self.resource.arn
        # Whoever uses the role must wait for these, or the first call it makes is refused.
        self.policies: list[Any] = [
            aws.iam_role_policy_attachment.IamRolePolicyAttachment(stack, f"{id}-{key}", role=self.name, policy_arn=arn)
            for key, arn in (managed or {}).items()
        ]
        self.policies += [
            aws.iam_role_policy.IamRolePolicy(stack, f"{id}-{key}", name=key, role=self.name, policy=json.dumps(document))
            for key, document in (inline or {}).items()
        ]

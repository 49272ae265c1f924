"""S3: a Deny whose condition is not met denies nothing."""

from __future__ import annotations

from typing import Any


def install() -> None:
    """Mend moto's reading of bucket policies.

    moto answers 403 to everything in a bucket that refuses requests without TLS, because it takes a condition it does not
    evaluate for one that is met. Here such a statement says nothing; that plain HTTP would be refused on AWS is not shown.
    """
    from moto.iam.access_control import IAMPolicyStatement, PermissionResult

    permitted = IAMPolicyStatement.is_action_permitted

    def neutral_when_unmet(
        self: Any, action: str, resource: str = "*", principal: str | None = None, incoming_condition_values: dict[str, str] | None = None
    ) -> Any:
        statement = self._statement
        if statement.get("Condition") and statement.get("Effect") == "Deny" and not incoming_condition_values:
            return PermissionResult.NEUTRAL
        return permitted(self, action, resource, principal, incoming_condition_values)

    IAMPolicyStatement.is_action_permitted = neutral_when_unmet

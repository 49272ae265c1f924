"""Customer-managed KMS keys, rotated, with an alias that carries the deployment id."""

from __future__ import annotations

import json
from typing import Any

from modules.cdk import Stack, aws, keep

#: KMS's own bounds are 7 to 30 days; the longest gives the most time to notice, and a key awaiting deletion costs nothing.
DELETION_WINDOW_DAYS = 30


class Key:
    """A symmetric key and its alias `alias/hubsmith/<deployment>/<purpose>`.

    The alias holds the deployment id, so a key that still waits for its deletion never blocks a new install.
    """

    def __init__(self, stack: Stack, id: str, *, deployment: str, purpose: str, policy: dict[str, Any], protect: bool) -> None:
        self.resource = aws.kms_key.KmsKey(
            stack,
            id,
            description=f"Hubsmith {deployment}: {purpose}",
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            policy=json.dumps(policy),
            lifecycle=keep(protect),
        )
        aws.kms_alias.KmsAlias(stack, f"{id}-alias", name=f"alias/hubsmith/{deployment}/{purpose}", target_key_id=self.resource.key_id)
        self.arn: str = self.resource.arn

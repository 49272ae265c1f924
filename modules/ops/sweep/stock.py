"""What is left of a deployment, by its tag, and what of that is to be kept."""

from __future__ import annotations

import time
from collections.abc import Collection

import boto3

from modules.config.models import HubConfig
from modules.ops.homes.volumes import is_kept_volume
from modules.ops.inventory import Found, inventory
from modules.ops.life import Life
from modules.ops.sweep.engine import PAUSE_SECONDS
from modules.ops.sweep.scope import DATA

__all__ = ["DATA", "is_kept", "is_state_backend", "leftovers"]

#: NAT gateways take up to two minutes from "deleting" to "deleted".
_GOING_SECONDS = 150.0


def leftovers(
    session: boto3.Session,
    config: HubConfig,
    kept: Collection[str],
    *,
    seconds: float = _GOING_SECONDS,
    pause: float = PAUSE_SECONDS,
) -> tuple[Found, ...]:
    """What still carries the deployment's tag and is not to be kept: waits up to `seconds` for what is on its way out.

    kept: names of the stacks whose things stay. The state backend stays, and a key that AWS deletes on a date has gone.
    """
    deadline = time.monotonic() + seconds
    while True:
        left = tuple(found for found in inventory(session, config) if not is_kept(config, found, kept) and found.life is not Life.SCHEDULED)
        if not any(found.life is Life.GOING for found in left) or time.monotonic() > deadline:
            return left
        time.sleep(pause)


def is_kept(config: HubConfig, found: Found, kept: Collection[str]) -> bool:
    """Whether a thing stays after a cleanup that keeps the stacks `kept`. Homes and the hub's database are data, in a volume or not."""
    stack = f"{config.env}-{DATA}" if is_kept_volume(found) else found.stack
    return stack in kept or is_state_backend(config, found)


def is_state_backend(config: HubConfig, found: Found) -> bool:
    """Whether this is the state bucket or the lock table."""
    return (found.kind, found.id) in {("s3:bucket", config.state_bucket), ("dynamodb:table", config.lock_table)}

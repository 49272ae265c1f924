"""Removing what Terraform does not own, and asking AWS what is left of a deployment."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import boto3
from botocore.exceptions import ClientError

from modules.config.models import HubConfig
from modules.ops.aws_clients import Clients
from modules.ops.desktop.parameters import parameters, run_time_path
from modules.ops.failures.aws import code_of, doing
from modules.ops.homes.volumes import is_kept_volume
from modules.ops.inventory import Found, inventory
from modules.ops.life import Life
from modules.ops.sweep_kinds import LISTERS, Lister, Scope, Sweepable, make_scope

#: The one stack that outlives a cleanup.
DATA = "data"
#: A load balancer's interfaces are released within about five minutes of its end.
_SWEEP_SECONDS = 420.0
#: NAT gateways take up to two minutes from "deleting" to "deleted".
_GOING_SECONDS = 150.0
_PAUSE_SECONDS = 5.0
#: By a stack's short name, what its own programs make.
_OF_STACK: Mapping[str, tuple[Lister, ...]] = {"desktop": (parameters,)}


@dataclass(frozen=True)
class Remaining:
    """One thing the sweep could not remove, and AWS's reason."""

    kind: str
    id: str
    why: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id}: {self.why}"


@dataclass(frozen=True)
class Swept:
    """What the sweep removed (in a dry run: what it would remove, as remaining)."""

    removed: tuple[str, ...]
    remaining: tuple[Remaining, ...]


def sweep_stack(session: boto3.Session, config: HubConfig, stack: str, *, dry_run: bool, seconds: float = _SWEEP_SECONDS) -> Swept:
    """What one stack that goes alone leaves behind: `stack` is its short name, such as desktop. The rest of the env works on,
    so nothing else is looked at. Raises HubError as `sweep` does."""
    listers = _OF_STACK.get(stack, ())
    if not listers:
        return Swept((), ())
    clients = Clients(session, config.region)
    with doing(f"look for what stack {stack} left behind"):
        return _sweep(clients, Scope(config.deployment, (), "", run_time_path(config)), listers, dry_run=dry_run, seconds=seconds)


def sweep(
    session: boto3.Session,
    config: HubConfig,
    vpc_ids: tuple[str, ...],
    *,
    dry_run: bool,
    seconds: float = _SWEEP_SECONDS,
    pause: float = _PAUSE_SECONDS,
    note: Callable[[str], None] = lambda text: None,
) -> Swept:
    """Remove what controllers left in `vpc_ids` (the deployment's own VPCs) and under the cluster's name.

    Goes round until nothing is left or `seconds` have passed: most things only go after another has. `note` hears what
    is being waited for. Raises HubError when AWS does not let us look.
    """
    clients = Clients(session, config.region)
    with doing("look for what Terraform does not own"):
        scope = replace(make_scope(clients, config, vpc_ids), parameters=run_time_path(config))
        return _sweep(clients, scope, (*LISTERS, parameters), dry_run=dry_run, seconds=seconds, pause=pause, note=note)


def _sweep(
    clients: Clients,
    scope: Scope,
    listers: Sequence[Lister],
    *,
    dry_run: bool,
    seconds: float,
    pause: float = _PAUSE_SECONDS,
    note: Callable[[str], None] = lambda text: None,
) -> Swept:
    broom = _Broom(clients, scope, listers)
    found = broom.look()
    if dry_run:
        return Swept((), tuple(Remaining(item.kind, item.id, "would be removed") for item in found))
    deadline = time.monotonic() + seconds
    while found:
        broom.remove(found)
        found = broom.look()
        if not found or time.monotonic() > deadline:
            break
        note(f"sweep: waiting for {len(found)} to go: {', '.join(str(item) for item in found[:3])}")
        time.sleep(pause)
    remaining = tuple(Remaining(item.kind, item.id, broom.why(item)) for item in found)
    left = {(item.kind, item.id) for item in found}
    return Swept(tuple(str(item) for key, item in broom.asked.items() if key not in left), remaining)


def leftovers(
    session: boto3.Session,
    config: HubConfig,
    kept: Collection[str],
    *,
    seconds: float = _GOING_SECONDS,
    pause: float = _PAUSE_SECONDS,
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


class _Broom:
    """One sweep: what was asked to go, and what AWS answered."""

    def __init__(self, clients: Clients, scope: Scope, listers: Sequence[Lister]) -> None:
        self.asked: dict[tuple[str, str], Sweepable] = {}
        self._clients = clients
        self._scope = scope
        self._listers = listers
        self._refused: dict[tuple[str, str], str] = {}

    def look(self) -> list[Sweepable]:
        """What is there to remove."""
        return [item for lister in self._listers for item in lister(self._clients, self._scope)]

    def remove(self, found: list[Sweepable]) -> None:
        """Ask AWS to remove each; what is still in use is asked again in the next round, what is on its way is not."""
        for item in found:
            key = item.kind, item.id
            if key in self.asked:
                continue
            try:
                item.remove()
            except ClientError as error:
                # Also "not found" may be about another thing in the same call; the next look tells.
                self._refused[key] = f"{code_of(error)}: {error.response['Error'].get('Message', '')}".rstrip(": ")
            else:
                self.asked[key] = item

    def why(self, item: Sweepable) -> str:
        """Why a thing is still there."""
        return self._refused.get((item.kind, item.id), "was asked to go and is still there")

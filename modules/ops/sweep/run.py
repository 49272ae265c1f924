"""The sweeps that commands ask for: of a whole env, of one stack, and of what no state knows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import boto3

from modules.config.models import HubConfig
from modules.ops.aws_clients import Clients
from modules.ops.failures.aws import doing
from modules.ops.sweep import engine
from modules.ops.sweep.model import Lister, Sweepable, Swept
from modules.ops.sweep.parameters import parameters
from modules.ops.sweep.registry import LISTERS
from modules.ops.sweep.scope import Held, Scope, make_scope

#: By a stack's short name, what its own programs make.
_OF_STACK: Mapping[str, tuple[Lister, ...]] = {"desktop": (parameters,)}


def sweep_stack(session: boto3.Session, config: HubConfig, stack: str, *, dry_run: bool, seconds: float = engine.SWEEP_SECONDS) -> Swept:
    """What one stack that goes alone leaves behind: `stack` is its short name, such as desktop. The rest of the env works on,
    so nothing else is looked at. Raises HubError as `sweep` does."""
    listers = _OF_STACK.get(stack, ())
    if not listers:
        return Swept((), ())
    with doing(f"look for what stack {stack} left behind"):
        return engine.run(Clients(session, config.region), Scope(config), listers, dry_run=dry_run, seconds=seconds)


def sweep(
    session: boto3.Session,
    config: HubConfig,
    vpc_ids: tuple[str, ...],
    *,
    dry_run: bool,
    seconds: float = engine.SWEEP_SECONDS,
    pause: float = engine.PAUSE_SECONDS,
    note: Callable[[str], None] = lambda text: None,
    held: Held | None = None,
    kept: Collection[str] = (),
) -> Swept:
    """Remove what controllers left in `vpc_ids` (the deployment's own VPCs) and under the cluster's name.

    held: what the states hold (`held_by`). With it, what carries the deployment's tag and a Terraform address that no state knows
    goes too: a run was killed before it could write it down. Never what belongs to stack data or to the stacks `kept`.
    Goes round until nothing is left, nothing moves any more, or `seconds` have passed. `note` hears what is being waited for.
    Raises HubError when AWS does not let us look.
    """
    clients = Clients(session, config.region)
    with doing("look for what Terraform does not own"):
        scope = make_scope(clients, config, vpc_ids, held=held, kept=kept)
        return engine.run(clients, scope, LISTERS, dry_run=dry_run, seconds=seconds, pause=pause, note=note)


def orphans(
    session: boto3.Session, config: HubConfig, vpc_ids: tuple[str, ...], held: Held | None, *, kept: Collection[str] = ()
) -> tuple[tuple[Sweepable, ...], Scope]:
    """What a sweep with `held` would find, and in what scope; removes nothing. Raises HubError when AWS refuses."""
    clients = Clients(session, config.region)
    with doing("look for what Terraform does not own"):
        scope = make_scope(clients, config, vpc_ids, held=held, kept=kept)
        return tuple(engine.Broom(clients, scope, LISTERS).look()), scope

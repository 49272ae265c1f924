"""What a cleanup would take and what it would leave, from states and inventory alone: works while the synth is broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import boto3

from modules.common import homes
from modules.common.errors import HubError
from modules.common.homes import Purpose
from modules.config.models import HubConfig
from modules.ops.homes.volumes import is_kept_volume
from modules.ops.inventory import Found, inventory
from modules.ops.life import Life
from modules.ops.restore.restored import is_restored
from modules.ops.state import StackState, stack_state, stacks_with_state
from modules.ops.sweep import DATA, is_kept

_NOUNS = {
    "elasticfilesystem:file-system": "file system",
    "s3:bucket": "bucket",
    "cognito-idp:userpool": "user pool",
    "kms:key": "key",
    "backup:backup-vault": "backup vault",
    "secretsmanager:secret": "secret",
}
_VOLUMES = {Purpose.HOME: "home volume", Purpose.DATABASE: "hub database", Purpose.VAULT: "Vault volume"}


@dataclass(frozen=True)
class Prospect:
    """states: of the stacks that go, where they hold anything. goes, stays: what exists. kept: names of the stacks that stay."""

    states: tuple[StackState, ...]
    goes: tuple[Found, ...]
    stays: tuple[Found, ...]
    kept: frozenset[str]

    @property
    def vpc_ids(self) -> tuple[str, ...]:
        """The deployment's own VPCs, as far as they go."""
        return tuple(found.id for found in self.goes if found.kind == "ec2:vpc")

    @property
    def strays(self) -> tuple[Found, ...]:
        """What exists and goes, but is in no state: a run was killed before it could write one."""
        known = {(state.stack, address) for state in self.states for address in state.addresses}
        return tuple(found for found in self.goes if (found.stack, found.address) not in known and not is_kept_volume(found))

    @property
    def volumes(self) -> tuple[Found, ...]:
        """Data that goes and that no stack ever knows: homes and the hub's database, and file systems that a restore made."""
        return tuple(found for found in self.goes if is_kept_volume(found) or is_restored(found))


def full_name(config: HubConfig, stack: str) -> str:
    """`demo-hub` for `hub` and for `demo-hub`."""
    return stack if stack.startswith(f"{config.env}-") else f"{config.env}-{stack}"


def look_ahead(session: boto3.Session, config: HubConfig, *, delete_data: bool, only: str = "") -> Prospect:
    """The prospect of a cleanup; `only` is the full name of the one stack that goes. Raises HubError when AWS refuses,
    or when the stack is unknown or kept."""
    names = stacks_with_state(session, config)
    if only and only not in names:
        raise HubError(f"there is no stack {only} here; there are: {', '.join(names) or 'none'}", fix="name one of them, or none for all")
    data = f"{config.env}-{DATA}"
    if only == data and not delete_data:
        raise HubError(f"{data} holds people's data", fix="say --delete-data if it is really to go")
    kept = frozenset(names) - {only} if only else frozenset() if delete_data else frozenset({data})
    states = tuple(state for name in names if name not in kept and (state := stack_state(session, config, name)) and state.resources)
    found = [item for item in inventory(session, config) if item.life is not Life.SCHEDULED]
    stays = tuple(item for item in found if is_kept(config, item, kept))
    return Prospect(states, tuple(item for item in found if item not in stays), stays, kept)


def in_words(found: Iterable[Found]) -> str:
    """`1 file system, 2 buckets, 1 key`; what has no everyday name is left out, and so is the state backend."""
    counts = Counter(noun for item in found if (noun := _noun(item)))
    # Volumes come by their ids, which say nothing: people's homes before the hub's own.
    ordered = sorted(counts.items(), key=lambda pair: pair[0] in (_VOLUMES[Purpose.DATABASE], _VOLUMES[Purpose.VAULT]))
    return ", ".join(f"{number} {noun}{'s' if number > 1 else ''}" for noun, number in ordered) or "nothing"


def _noun(item: Found) -> str:
    """What a person calls it, "" for what has no everyday name."""
    purpose = homes.kept_purpose(item.tags) if is_kept_volume(item) else None
    if purpose is not None:
        return _VOLUMES[purpose]
    return _NOUNS.get(item.kind, "") if item.address else ""

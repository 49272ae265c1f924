"""KMS: aliases whose key is gone, and keys of ours that no state knows. A key is not deleted but given a date."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from modules.ops.aws_clients import Clients, pages
from modules.ops.failures.aws import missing_is_fine
from modules.ops.inventory import Found
from modules.ops.sweep.model import Sweepable
from modules.ops.sweep.scope import Scope

#: The longest that AWS waits, https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
_DAYS = 30


def aliases(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Aliases with our deployment's id whose key is gone, or waits for its end."""
    kms = clients.get("kms")
    for item in pages(kms, "list_aliases", "Aliases"):
        name = item["AliasName"]
        if name.startswith(f"alias/hubsmith/{scope.deployment}/"):
            state = _state(clients, item.get("TargetKeyId", ""))
            if state in ("", "PendingDeletion"):
                idle = "its key waits for deletion" if state else "its key is gone"
                remove = partial(kms.delete_alias, AliasName=name)
                yield Sweepable("key alias", name, remove, names=frozenset({item["AliasArn"]}), idle=idle)


def _state(clients: Clients, key: str) -> str:
    """The state of a key, "" for one that is gone."""
    with missing_is_fine():
        return str(clients.get("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"]) if key else ""
    return ""


def key(clients: Clients, scope: Scope, found: Found) -> Sweepable:
    """A key that no state knows. What it encrypted can be read again for as long as its deletion can be cancelled."""
    remove = partial(clients.get("kms").schedule_key_deletion, KeyId=found.id, PendingWindowInDays=_DAYS)
    return Sweepable("key", found.id, remove, names=frozenset({found.arn}), needs=frozenset({f"cluster {scope.config.cluster_name}"}))

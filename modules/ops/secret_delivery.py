"""Secrets on their way: gathered before anything is made, put into Secrets Manager right before the stack that reads them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence

from modules.config.models import HubConfig
from modules.ops.secret_store import SecretStore
from modules.ops.secrets import Need, gather, needs, read_by
from modules.ops.synth import Stack
from modules.ops.vault_certificate import due


class Delivery:
    """The values of one install, in memory alone. before: for the engine; the container exists by then, or is made."""

    def __init__(self, store: SecretStore, stacks: Sequence[Stack], values: Mapping[str, str]) -> None:
        self._store = store
        self._reads = {stack.name: read_by(stack) for stack in stacks}
        self._needs = {need.id: need for need in needs(stacks)}
        self._left = dict(values)
        self._lock = threading.Lock()

    def before(self, stack: str) -> None:
        """Put what `stack` is about to read. Raises HubError when AWS refuses; the value is then kept for another try."""
        with self._lock:
            for id in [id for id in self._reads.get(stack, ()) if id in self._left]:
                self._store.put(self._needs[id], self._left[id])
                del self._left[id]


def collect(
    store: SecretStore, config: HubConfig, stacks: Sequence[Stack], ask: Callable[[str], str | None], say: Callable[[str], None]
) -> Delivery:
    """Ask for every value that is still missing. Raises HubError that names all of them when nobody can be asked."""
    found = needs(stacks)
    values, made_up = gather(config, store.without_value(found), os.environ, ask)
    if made_up:
        say(f"rehearsal: made up {', '.join(made_up)}")
    made = due(store, config, found)
    if made:
        say("Vault: made a certificate")
    return Delivery(store, stacks, {**values, **made})


def lacking(store: SecretStore, stack: Stack, found: Sequence[Need]) -> tuple[str, ...]:
    """What a plan of `stack` waits for: its secrets that have no value yet, also those that an install makes before it gets there."""
    return tuple(f"secret {need.name}" for need in found if stack.name in need.readers and store.changed(need.id) is None)

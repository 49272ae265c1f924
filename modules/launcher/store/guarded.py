"""The store as processes see it: without what the launcher itself lives on."""

from __future__ import annotations

from collections.abc import Iterable

from modules.launcher.protocols import Store
from modules.launcher.store.errors import SecretMissing


class GuardedStore:
    """`store` without the secrets called `own`. Hydroplane gave these to any process that named them, its AWS key included."""

    def __init__(self, store: Store, own: Iterable[str]) -> None:
        self._store = store
        self._own = frozenset(own)

    def get(self, name: str, key: str | None = None) -> str:
        """As the store behind it. Raises SecretMissing, as if there were none, for a secret of the launcher's own."""
        if name in self._own:
            raise SecretMissing(f'there is no secret "{name}" for processes', fix="store one under another name")
        return self._store.get(name, key)

"""The store for settings that need no secret."""

from __future__ import annotations

from modules.launcher.store.errors import SecretMissing


class NoStore:
    """Holds nothing (`secret_store_type: none`)."""

    def get(self, name: str, key: str | None = None) -> str:
        """Always raises SecretMissing."""
        raise SecretMissing(
            f'there is no secret "{name}": the settings name no secret store (secret_store_type: none)',
            fix="set secret_store to local or aws in the settings file",
        )

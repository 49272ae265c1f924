"""The store that the settings name, opened."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from modules.launcher.protocols import Store
from modules.launcher.store.local import LocalStore
from modules.launcher.store.none import NoStore
from modules.launcher.store.password import Ask, read_password


def open_store(settings: Any, *, environ: Mapping[str, str] = os.environ, ask: Ask | None = None) -> Store:
    """The store of `settings` (settings.store.StoreSettings).

    A local store's password comes from password_file, the environment or a prompt. Raises HubError when it does not open.
    """
    if settings.secret_store_type == "local":
        return LocalStore(settings.store_location, read_password(environ, file=settings.password_file, ask=ask))
    if settings.secret_store_type == "aws":
        # Late: local-secret-store shares this package and never needs AWS.
        from modules.launcher.store.secrets_manager import SecretsManagerStore, make_client

        return SecretsManagerStore(make_client(settings.region), settings.prefix)
    return NoStore()

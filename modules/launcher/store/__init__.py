"""Where the launcher's secrets are: the seed's encrypted folder, Secrets Manager, or nowhere."""

from __future__ import annotations

from modules.launcher.store.errors import SecretExists, SecretMissing, SecretRefused, StoreUnavailable, WrongPassword
from modules.launcher.store.guarded import GuardedStore
from modules.launcher.store.local import DEFAULT_LOCATION, LocalStore
from modules.launcher.store.none import NoStore
from modules.launcher.store.opening import open_store

__all__ = [
    "DEFAULT_LOCATION",
    "GuardedStore",
    "LocalStore",
    "NoStore",
    "SecretExists",
    "SecretMissing",
    "SecretRefused",
    "StoreUnavailable",
    "WrongPassword",
    "open_store",
]

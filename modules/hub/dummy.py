"""Login with any name and any password: for a hub that no address leads to."""

from __future__ import annotations

from typing import Any

from .settings import Settings, SettingsError


def configure(c: Any, login: Settings, public_url: str | None) -> None:
    """Settings of kind dummy. Raises SettingsError for a hub with an address."""
    if public_url:
        raise SettingsError("login kind dummy lets anybody in, so a hub with a public address refuses it")
    c.JupyterHub.authenticator_class = "dummy"
    c.Authenticator.allow_all = not login.names("allowed")

"""Gives a notebook its user's GitHub identity, where the env asks for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NAMES = ("GITHUB_TOKEN", "GITHUB_USER", "GITHUB_EMAIL")


def variables(auth_state: Mapping[str, Any] | None) -> dict[str, str]:
    """Environment variables of one user; what GitHub did not say (a private e-mail address) is left out."""
    state = auth_state or {}
    user = state.get("github_user") or {}
    found = dict(zip(_NAMES, (state.get("access_token"), user.get("login"), user.get("email")), strict=True))
    return {name: str(value) for name, value in found.items() if value}


def hook(spawner: Any, auth_state: Mapping[str, Any] | None) -> None:
    """JupyterHub's auth_state_hook: sets them before a server starts, and drops those of an earlier start."""
    kept = {name: value for name, value in spawner.environment.items() if name not in _NAMES}
    spawner.environment = {**kept, **variables(auth_state)}

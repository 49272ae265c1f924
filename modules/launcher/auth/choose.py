"""The authenticator that the settings and the command line ask for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from modules.common.errors import HubError
from modules.launcher.auth.bearer import token_of
from modules.launcher.auth.jupyterhub import JupyterHub
from modules.launcher.auth.open import Open, is_loopback
from modules.launcher.auth.tokens import Tokens
from modules.launcher.protocols import Authenticator, Principal, Store


class Either:
    """A token of the launcher's own, else one of the hub's."""

    def __init__(self, tokens: Tokens, hub: JupyterHub) -> None:
        self._tokens = tokens
        self._hub = hub

    def authenticate(self, headers: Mapping[str, str]) -> Principal:
        """As the two do. The launcher's own tokens are never sent to the hub."""
        return self._tokens.find(token_of(headers)) or self._hub.authenticate(headers)


def make_authenticator(settings: Any, store: Store, *, host: str, is_open: bool, environ: Mapping[str, str] = os.environ) -> Authenticator:
    """settings: settings.auth.Auth or None. host: the address the server binds. is_open: whether --open was given.

    Raises HubError when nobody could call, when everybody could, or when a token cannot be read.
    """
    named = settings is not None and (settings.tokens or settings.jupyterhub)
    if is_open:
        return _opened(bool(named), host)
    if not named:
        raise HubError(
            "the settings do not say who may call",
            where="auth",
            fix="add auth: with tokens or jupyterhub; for yourself alone on this machine, start with --open",
        )
    if not settings.jupyterhub:
        return Tokens(settings.tokens, store, environ)
    hub = JupyterHub(settings.jupyterhub)
    return Either(Tokens(settings.tokens, store, environ), hub) if settings.tokens else hub


def _opened(named: bool, host: str) -> Open:
    if named:
        raise HubError("--open lets everybody in, and the settings say who may come in", where="auth", fix="leave out one of the two")
    if not is_loopback(host):
        raise HubError(f"--open lets everybody in who can reach {host}", fix="bind to this machine alone with -H 127.0.0.1, or add auth:")
    return Open()

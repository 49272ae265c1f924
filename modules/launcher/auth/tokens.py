"""Callers with a token of their own, named in the settings."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from modules.common.errors import HubError
from modules.launcher.auth.bearer import digest, token_of, unknown
from modules.launcher.errors import Unavailable
from modules.launcher.protocols import Principal, Store
from modules.launcher.renewed import Clock, Renewed, now

#: A rotated file or secret is taken over after this time.
_REREAD = timedelta(minutes=1)
#: How long a value is believed that can no longer be read, such as while a Secret is being replaced.
_BELIEVED = timedelta(minutes=10)
#: A shorter token could be guessed; 32 random hex digits are 128 bits.
SHORTEST = 32


class Tokens:
    """Compares in constant time, and with every token, so that neither a near miss nor a place in the list can be timed.

    entries: settings.auth.Token each. Raises HubError when a token cannot be read, is too short, or belongs to two names.
    """

    def __init__(self, entries: tuple[Any, ...], store: Store, environ: Mapping[str, str], clock: Clock = now) -> None:
        self._entries = entries
        self._store = store
        self._environ = environ
        self._clock = clock
        self._known = Renewed(self._read, early=_BELIEVED - _REREAD, clock=clock)
        self._known.get()

    def authenticate(self, headers: Mapping[str, str]) -> Principal:
        """The holder of the call's token. Raises Unauthorized when there is none."""
        found = self.find(token_of(headers))
        if found is None:
            raise unknown()
        return found

    def find(self, token: str) -> Principal | None:
        """The holder of `token`, or None. Raises Unavailable when the tokens could not be read for ten minutes."""
        asked, found = digest(token), None
        try:
            tokens = self._known.get()[0]
        except HubError as error:
            raise Unavailable("The launcher cannot read its tokens. Tell its operator.", retry_after=60) from error
        for known, principal in tokens:
            if hmac.compare_digest(asked, known):
                found = principal
        return found

    def _read(self) -> tuple[tuple[tuple[bytes, Principal], ...], datetime]:
        known: dict[bytes, Principal] = {}
        for entry in self._entries:
            hashed = self._digest(entry)
            if hashed in known:
                raise HubError(
                    f"{known[hashed].name} and {entry.name} have the same token", where="auth.tokens", fix="give each a token of their own"
                )
            known[hashed] = Principal(entry.name, entry.admin, frozenset(entry.scopes))
        return tuple(known.items()), self._clock() + _BELIEVED

    def _digest(self, entry: Any) -> bytes:
        if entry.sha256:
            return bytes.fromhex(entry.sha256)
        token = self._token(entry).strip()
        if len(token) < SHORTEST:
            raise HubError(
                f"the token of {entry.name} has {len(token)} characters, fewer than {SHORTEST}",
                where="auth.tokens",
                fix="make one: python -m modules.launcher.auth.new_token",
            )
        return digest(token)

    def _token(self, entry: Any) -> str:
        try:
            if entry.file:
                return Path(entry.file).expanduser().read_text(encoding="utf-8")
            if entry.env:
                return self._environ[entry.env]
            return self._store.get(entry.secret.secret_name, entry.secret.key)
        except HubError:
            raise
        except (OSError, KeyError, ValueError) as error:
            source = f"file {entry.file}" if entry.file else f"variable {entry.env}" if entry.env else f"secret {entry.secret.secret_name}"
            raise HubError(
                f"the token of {entry.name} cannot be read from the {source}",
                where="auth.tokens",
                fix="put it there, or name another source",
            ) from error

"""The token of a call."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from modules.launcher.errors import Unauthorized

#: `token` is what JupyterHub's own clients say.
_SCHEMES = frozenset({"bearer", "token"})
#: Longer than any token; what is longer is not hashed, cached or sent on.
_LONGEST = 4096


def token_of(headers: Mapping[str, str]) -> str:
    """What follows Bearer in the header authorization. Raises Unauthorized when there is no such header or no token in it."""
    scheme, _, token = headers.get("authorization", "").strip().partition(" ")
    token = token.strip()
    if scheme.lower() not in _SCHEMES or not token:
        raise Unauthorized("This call carries no token. Send the header Authorization: Bearer TOKEN.")
    if len(token) > _LONGEST or not token.isascii() or not token.isprintable():
        raise Unauthorized("What this call carries is no token.")
    return token


def digest(token: str) -> bytes:
    """By what a token is compared and remembered: what leaks from memory or from the clock is not the token."""
    return hashlib.sha256(token.encode()).digest()


def unknown() -> Unauthorized:
    """The refusal of a token that nobody knows; the same whatever is wrong with it."""
    return Unauthorized("This token is not known here. Look at the token and at the launcher that it is for.")

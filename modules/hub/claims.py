"""What a login service says of a user: claims of the id token, groups, and whether an e-mail address is the user's own."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any


def of_id_token(token: str | None) -> dict[str, Any]:
    """The claims of a JSON Web Token; empty for none or a broken one.

    The signature is not looked at: the hub got the token from the service itself over TLS, OpenID Connect Core 3.1.3.7 (6).
    """
    parts = (token or "").split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}


def groups(auth_state: Mapping[str, Any], claim: str, user_key: str) -> list[str]:
    """The groups under `claim`, of the userinfo answer (under `user_key`) or else of the id token; empty for none.

    Cognito puts groups into tokens alone, others into either.
    """
    for claims in (auth_state.get(user_key) or {}, of_id_token(auth_state.get("id_token"))):
        found = claims.get(claim)
        if isinstance(found, list):
            return sorted({str(group) for group in found})
        if isinstance(found, str) and found:
            return [found]
    return []


def email_is_verified(user: Mapping[str, Any]) -> bool:
    """Whether the service vouches for the address. Cognito's userinfo answer says it as the text "true"."""
    return str(user.get("email_verified", "")).lower() == "true"

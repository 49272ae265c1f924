"""What a JupyterHub says of a token: one question over HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from typing import IO, Any

from modules.launcher.errors import Unavailable

#: A user's model with many groups and servers is some kilobytes; more is not the hub.
_MOST_BYTES = 1_000_000
_UNKNOWN = frozenset({401, 403, 404})


@dataclass(frozen=True)
class HubUser:
    """The owner of a token. scopes: expanded, as the hub lists them, such as access:services!service=launcher."""

    name: str
    is_service: bool
    scopes: frozenset[str]


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows nobody: a redirect would carry the caller's token to another host."""

    def redirect_request(self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str) -> None:
        return None


_OPENER = urllib.request.build_opener(_Stay(), urllib.request.ProxyHandler({}))


def ask_hub(api_url: str, token: str, timeout: float) -> HubUser | None:
    """The owner of `token`, None when the hub does not know it. timeout: seconds. Raises errors.Unavailable."""
    request = urllib.request.Request(f"{api_url}/user", headers={"Authorization": f"token {token}", "Accept": "application/json"})
    try:
        with _OPENER.open(request, timeout=timeout) as answer:
            return _user(json.loads(answer.read(_MOST_BYTES)))
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in _UNKNOWN:
            return None
        raise Unavailable(f"The hub answered {error.code} when asked whose this token is. Try again soon.", retry_after=5) from None
    except (OSError, HTTPException, ValueError):
        raise Unavailable("The hub cannot be asked whose this token is. Try again soon.", retry_after=5) from None


def _user(model: Any) -> HubUser:
    if not isinstance(model, dict) or not isinstance(model.get("name"), str) or not model["name"]:
        raise ValueError("no user")
    scopes = model.get("scopes")
    return HubUser(model["name"], model.get("kind") == "service", frozenset(map(str, scopes if isinstance(scopes, list) else ())))

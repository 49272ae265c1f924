"""Finds the endpoints of an OpenID Connect provider when the hub starts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from .settings import SettingsError

_TIMEOUT = 10.0
#: Seconds before each further try: a provider that restarts with the cluster is back within the minute.
_PAUSES = (1.0, 3.0, 10.0)


@dataclass(frozen=True)
class Endpoints:
    """Where a provider does what. basic_auth: whether it takes the client's secret in the header."""

    authorize: str
    token: str
    userinfo: str
    end_session: str | None
    basic_auth: bool


def read(document: Any, issuer: str) -> Endpoints:
    """The endpoints a discovery document names. Raises SettingsError when it is another issuer's, or names none."""
    if not isinstance(document, dict) or str(document.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
        raise SettingsError(f"{issuer} answers as another issuer; write auth.issuer as the provider spells it")
    names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")
    scheme = issuer.partition("://")[0]
    missing = [name for name in names if not str(document.get(name, "")).startswith(f"{scheme}://")]
    if missing:
        raise SettingsError(f"{issuer} names no {', '.join(missing)} under {scheme}")
    # OpenID Connect Discovery 1.0, section 3: basic is meant where nothing is said.
    methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    authorize, token, userinfo = (str(document[name]) for name in names)
    return Endpoints(authorize, token, userinfo, document.get("end_session_endpoint"), "client_secret_basic" in methods)


def fetch(url: str) -> Any:
    """The JSON at `url`. Raises OSError or ValueError."""
    with urlopen(Request(url, headers={"Accept": "application/json"}), timeout=_TIMEOUT) as answer:
        return json.loads(answer.read())


def discover(
    issuer: str,
    get: Callable[[str], Any] = fetch,
    pauses: Sequence[float] = _PAUSES,
    sleep: Callable[[float], None] = time.sleep,
) -> Endpoints:
    """The endpoints of `issuer`, tried again while it does not answer. Raises SettingsError, which names the address."""
    url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    for pause in (*pauses, None):
        try:
            return read(get(url), issuer)
        except (OSError, ValueError) as error:
            why = f"answers {error.code}" if isinstance(error, HTTPError) else f"does not answer as JSON ({type(error).__name__})"
            if pause is None or (isinstance(error, HTTPError) and error.code < 500):
                raise SettingsError(f"{url} {why}, so the hub cannot know where to send people to log in") from None
        sleep(pause)
    raise AssertionError("the loop ends by returning or raising")

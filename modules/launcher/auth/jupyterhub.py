"""Callers with a token of a JupyterHub, such as a notebook's own: the hub says whose it is and what it may do."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from modules.launcher.auth.bearer import digest, token_of, unknown
from modules.launcher.auth.hub_user import HubUser, ask_hub
from modules.launcher.errors import Forbidden
from modules.launcher.protocols import READ, WRITE, Principal
from modules.launcher.renewed import Clock, now

#: Answers remembered at a time; the oldest is forgotten first.
_MOST = 4096
#: A token that the hub does not know is asked for again after this: one just made must soon be taken.
_UNKNOWN_FOR = timedelta(seconds=2)

#: Asks (api_url, token, timeout in seconds); None for a token that nobody knows.
AskHub = Callable[[str, str, float], HubUser | None]


class JupyterHub:
    """settings: settings.auth.JupyterHub. A caller's rights are the token's scopes, not the user's: a hub admin's notebook
    token is no admin here."""

    def __init__(self, settings: Any, *, ask: AskHub = ask_hub, clock: Clock = now) -> None:
        self._settings = settings
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: OrderedDict[bytes, tuple[HubUser | None, datetime]] = OrderedDict()

    def authenticate(self, headers: Mapping[str, str]) -> Principal:
        """The user or service whose token the call carries; a service is named service:<name>, which no user is.

        Raises Unauthorized (no token, or the hub does not know it), Forbidden (its scopes do not cover the launcher),
        Unavailable (the hub does not answer).
        """
        user = self._user(token_of(headers))
        if user is None:
            raise unknown()
        admin = self._grants(user, "admin", ("admin:servers",))
        access = (f"access:services!service={self._settings.service}", "access:services")
        scopes = {scope for word, scope in (("read", READ), ("write", WRITE)) if admin or self._grants(user, word, access)}
        if not scopes:
            raise Forbidden(f"This token may not use the launcher. It needs the hub's scope {access[0]}.")
        return Principal(f"service:{user.name}" if user.is_service else user.name, admin, frozenset(scopes))

    def _grants(self, user: HubUser, word: str, default: tuple[str, ...]) -> bool:
        return not user.scopes.isdisjoint(self._settings.scopes.get(word, default))

    def _user(self, token: str) -> HubUser | None:
        key, moment = digest(token), self._clock()
        with self._lock:
            user, until = self._answers.get(key, (None, moment))
        if moment < until:
            return user
        # Asked outside the lock: a slow hub holds up only those whom it does not know yet.
        user = self._ask(self._settings.api_url, token, self._settings.timeout_seconds)
        self._remember(key, user, moment)
        return user

    def _remember(self, key: bytes, user: HubUser | None, moment: datetime) -> None:
        known_for = timedelta(seconds=self._settings.cache_seconds)
        with self._lock:
            self._answers[key] = user, moment + (known_for if user else min(_UNKNOWN_FOR, known_for))
            self._answers.move_to_end(key)
            while len(self._answers) > _MOST:
                self._answers.popitem(last=False)

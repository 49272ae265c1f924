"""Whether a GitHub user is registered with a DANDI archive: asks each API server, and tells "no" from "nobody answered"."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote, urlsplit

#: Seconds for one request; the API answers a search in well under one.
TIMEOUT = 10.0
#: Seconds to wait before each further try.
PAUSES = (0.5, 1.5)
_TOO_MANY = 429


class Verdict(Enum):
    """What the servers said of one user."""

    REGISTERED = "registered"
    UNKNOWN = "unknown"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Answer:
    """A server's answer. status: of HTTP; 0 when none came (timeout, refused connection, no such host)."""

    status: int
    body: bytes = b""


#: Gets (address, headers, seconds); never raises for what the network does.
Fetch = Callable[[str, Mapping[str, str], float], Awaitable[Answer]]
Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class Registry:
    """The archives of one hub. servers: base addresses without a closing slash; tokens: by server, for those that want one."""

    servers: Sequence[str]
    tokens: Mapping[str, str]
    fetch: Fetch
    pause: Pause = asyncio.sleep

    async def look_up(self, username: str) -> Verdict:
        """The verdict on one login name: the first yes wins; a server that did not answer outweighs those that said no."""
        asked = [asyncio.ensure_future(self._ask(server, username)) for server in self.servers]
        said = set()
        try:
            for each in asyncio.as_completed(asked):
                verdict = await each
                if verdict is Verdict.REGISTERED:
                    return verdict
                said.add(verdict)
        finally:
            for task in asked:
                task.cancel()
        return Verdict.UNAVAILABLE if Verdict.UNAVAILABLE in said else Verdict.UNKNOWN

    async def _ask(self, server: str, username: str) -> Verdict:
        # A search for part of a name finds it too, so the name must not be able to change the question.
        url = f"{server}/api/users/search/?username={quote(username, safe='')}"
        headers = {"Accept": "application/json", "User-Agent": "JupyterHub"}
        if token := self.tokens.get(server):
            headers["Authorization"] = f"token {token}"
        answer = await self.fetch(url, headers, TIMEOUT)
        for seconds in PAUSES:
            if not _passing(answer):
                break
            await self.pause(seconds)
            answer = await self.fetch(url, headers, TIMEOUT)
        return read(answer, username)


def _passing(answer: Answer) -> bool:
    """Whether asking again may help."""
    return answer.status == 0 or answer.status >= 500 or answer.status == _TOO_MANY


def read(answer: Answer, username: str) -> Verdict:
    """What one answer says of `username`: registered only if an entry has that very name, capitals aside."""
    if answer.status != 200:
        return Verdict.UNAVAILABLE
    try:
        found = json.loads(answer.body)
    except ValueError:
        return Verdict.UNAVAILABLE
    if not isinstance(found, list):
        return Verdict.UNAVAILABLE
    names = {str(user.get("username", "")).casefold() for user in found if isinstance(user, dict)}
    return Verdict.REGISTERED if username.casefold() in names else Verdict.UNKNOWN


def site(server: str) -> str:
    """Where people register: the archive's own pages, which have the API's address without its `api.` or `api-`."""
    parts = urlsplit(server)
    host = parts.netloc
    for prefix in ("api.", "api-"):
        host = host.removeprefix(prefix)
    return f"{parts.scheme}://{host}"

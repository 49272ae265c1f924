"""What an error of Kubernetes means to the one who called us."""

from __future__ import annotations

import json
from collections.abc import Mapping

from modules.launcher.errors import Conflict, Forbidden, Invalid, LauncherError, NotFound, TooMany, Unavailable

_BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _CONFLICT, _UNPROCESSABLE, _TOO_MANY, _SERVER = 400, 401, 403, 404, 409, 422, 429, 500
_MESSAGE_MAX = 1_000
#: When nobody says how long to wait.
_PATIENCE = 5


def refusal(status: int, body: bytes, headers: Mapping[str, str], doing: str) -> LauncherError:
    """The error for one answer of Kubernetes. doing: the rest of "could not ..."."""
    reason, message = _status(body)
    wait = _seconds(headers.get("Retry-After"))
    text = f"Kubernetes could not {doing}: {message or f'it answered {status}'}"
    if status in _PLAIN:
        return _PLAIN[status](text)
    if status == _UNAUTHORIZED:
        # The caller's own token is good, so this may not reach it as 401.
        return Unavailable(f"the cluster does not accept the launcher's own credentials (could not {doing})")
    if status == _FORBIDDEN:
        is_quota = "exceeded quota" in message
        return TooMany(text, retry_after=wait or _PATIENCE) if is_quota else Forbidden(text)
    if status == _CONFLICT:
        return _Taken(text) if reason == "AlreadyExists" else Conflict(text)
    if status == _TOO_MANY:
        return TooMany(f"Kubernetes asks for patience (could not {doing})", retry_after=wait or _PATIENCE)
    return Unavailable(text, retry_after=wait or _PATIENCE, unsure=status >= _SERVER)


class _Taken(Conflict):
    """An object of this name is there already."""


def is_taken(error: LauncherError) -> bool:
    """Whether a create was refused because the name is in use, not for some other conflict."""
    return isinstance(error, _Taken)


_PLAIN: dict[int, type[LauncherError]] = {_BAD_REQUEST: Invalid, _UNPROCESSABLE: Invalid, _NOT_FOUND: NotFound}


def _status(body: bytes) -> tuple[str, str]:
    """The reason (one word) and the message of a Kubernetes Status; whatever else came is not shown."""
    try:
        found = json.loads(body)
    except ValueError:
        return "", ""
    if not isinstance(found, Mapping):
        return "", ""
    return str(found.get("reason") or ""), str(found.get("message") or "")[:_MESSAGE_MAX]


def _seconds(text: str | None) -> int | None:
    # Retry-After may also be a date; nobody who serves Kubernetes sends one.
    return int(text) if text and text.isdecimal() else None

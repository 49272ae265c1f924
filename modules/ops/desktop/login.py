"""The shape of the desktops' login secrets, checked before it is kept: the agent refuses the rest, on a node, minutes later."""

from __future__ import annotations

import json
import re

from modules.config.models import HubConfig

_FIELDS = ("UserName", "Password")
#: What the agent takes (images/dcv/agent/dcv_agent/vault.py); a test holds the two together.
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_SYSTEM = frozenset({"root", "dcv", "daemon", "nobody"})


def shape_problem(config: HubConfig, name: str, value: str) -> tuple[str, str] | None:
    """(what is wrong, what to do) with `value` for the secret `name`, never repeating it; None when it is fine or no desktop's."""
    names = config.desktop.credentials if config.desktop else ()
    if name not in names:
        return None
    if len(names) == 1:
        return _pair(value)
    return _user(value) if name == names[0] else _password(value)


def hint(config: HubConfig) -> str:
    """How the value is written where one secret holds both; "" where user name and password are a secret each."""
    return ' (JSON: {"UserName": ..., "Password": ...})' if config.desktop and len(config.desktop.credentials) == 1 else ""


def _pair(value: str) -> tuple[str, str] | None:
    try:
        found = json.loads(value)
    except ValueError:
        found = None
    if not isinstance(found, dict) or any(not isinstance(found.get(field), str) for field in _FIELDS):
        return "it is no JSON object with UserName and Password", 'write it as {"UserName": "...", "Password": "..."}'
    return _user(found["UserName"], "its UserName") or _password(found["Password"], "its Password")


def _user(value: str, whose: str = "it") -> tuple[str, str] | None:
    if _USER.fullmatch(value) and value not in _SYSTEM | {"null"}:
        return None
    return f"{whose} is not a name for a desktop's user", "use small letters, digits, _ and -, at most 32, and no name of the system's own"


def _password(value: str, whose: str = "it") -> tuple[str, str] | None:
    # `null` is what shell tools make of a field that is not there.
    if value.strip() in ("", "null") or any(sign in value for sign in "\r\n\0"):
        return f"{whose} is empty or has a line break inside", "give a password of one line"
    return None

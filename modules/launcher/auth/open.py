"""Open mode: whoever can reach the launcher may use it, and only this machine can."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from modules.launcher.errors import Forbidden
from modules.launcher.protocols import Principal

_NAME = "local"


class Open:
    """Anybody is admin. A web page is not anybody: a browser on this machine must not start processes for a site it shows."""

    def authenticate(self, headers: Mapping[str, str]) -> Principal:
        """The one local user. Raises Forbidden when the call comes from a page of another site, or by a name that is not local."""
        host = headers.get("host", "")
        if host and not is_loopback(_without_port(host)):
            raise Forbidden("In open mode the launcher answers to 127.0.0.1 and localhost only.")
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            raise Forbidden("In open mode the launcher takes no calls from other sites' pages.")
        return Principal(_NAME, admin=True)


def _without_port(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine and nothing else: 127.0.0.0/8, ::1 or localhost."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

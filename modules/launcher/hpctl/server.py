"""Which server to ask, and with which token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from modules.common.errors import HubError

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
#: In this order; the last is what JupyterHub gives every notebook.
_TOKENS = ("HYDROPLANE_TOKEN", "JUPYTERHUB_API_TOKEN")


def address(text: str) -> str:
    """A server's URL without a slash at its end, from a URL or "host:port". Raises HubError for anything else."""
    url = text.strip() if _SCHEME.match(text.strip()) else f"http://{text.strip()}"
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not (parts.query or parts.fragment)
    except ValueError:
        usable = False
    if not usable:
        raise HubError(f'"{_without_password(text)}" is no address of a server', fix='write "host:port", or "https://host"')
    if parts.username or parts.password:
        # It would show in the list of processes of this machine, and in error messages.
        raise HubError("the server's address holds a user or a password", fix="put the token into HYDROPLANE_TOKEN or --token-file")
    return url.rstrip("/")


def token(file: str | None, environment: Mapping[str, str]) -> str:
    """The bearer token: of the file if one is named, else of the environment; "" for none.

    Raises HubError for a file that cannot be read, and for a token that no header can hold.
    """
    if file is not None:
        return _checked(_read(Path(file).expanduser()), f"the token in {file}")
    for name in _TOKENS:
        if environment.get(name, "").strip():
            return _checked(environment[name].strip(), name)
    return ""


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise HubError(f"cannot read the token file: {why}", where=str(path)) from error


def _checked(text: str, what: str) -> str:
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise HubError(f"{what} is empty, or more than one word", fix="keep nothing in it but the token")
    return text


def _without_password(text: str) -> str:
    return text.rpartition("@")[2]

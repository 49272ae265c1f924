"""Settings of who may call the launcher."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from modules.launcher.settings.base import Model, OneOf, SecretRef

_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,62}")


class Token(OneOf):
    """Somebody who calls with a token of their own. The token itself never stands in this file."""

    ways: ClassVar = ("sha256", "secret", "env", "file")

    name: str
    """Owner of what is started with it."""
    admin: bool = False
    """May see and stop everybody's processes."""
    scopes: tuple[Literal["processes:read", "processes:write"], ...] = ("processes:read", "processes:write")
    sha256: str | None = None
    """The token's SHA-256 in hex, as `python -m modules.launcher.auth.new_token` prints it."""
    secret: SecretRef | None = None
    """Where in the secret store the token lies."""
    env: str | None = None
    """The environment variable that holds the token."""
    file: Path | None = None
    """A file that holds the token alone, such as a mounted Secret; read anew each minute."""

    @field_validator("name")
    @classmethod
    def _is_a_name(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError("is no name: letters, digits and _.@-, at most 63, begins with a letter or digit")
        return value

    @field_validator("sha256")
    @classmethod
    def _is_a_digest(cls, value: str | None) -> str | None:
        if value is not None and not _SHA256.fullmatch(value):
            raise ValueError("is no SHA-256 in lower-case hex (64 digits). If it is the token itself, replace the token")
        return value


class JupyterHub(Model):
    """Callers with a token of a JupyterHub: the hub says whose it is and what it may do."""

    api_url: str
    """Such as http://hub.jupyterhub:8081/hub/api."""
    service: str = "launcher"
    """How the launcher is called among the hub's services; names the scope that lets a token call it."""
    scopes: Mapping[Literal["read", "write", "admin"], tuple[str, ...]] = Field(default_factory=dict)
    """Scopes of the hub of which one is enough. Default: access:services!service=<service> reads and writes; admin:servers is admin."""
    cache_seconds: int = Field(default=30, ge=0, le=600)
    """How long the hub's answer is believed: as long may a revoked token still be taken."""
    timeout_seconds: float = Field(default=5, gt=0, le=60)

    @field_validator("api_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("is no address such as http://hub:8081/hub/api")
        return value.rstrip("/")


class Auth(Model):
    """Who may call: the named tokens, the hub's users, or both."""

    tokens: tuple[Token, ...] = ()
    jupyterhub: JupyterHub | None = None

    @model_validator(mode="after")
    def _names_are_single(self) -> Auth:
        names = [token.name for token in self.tokens]
        double = sorted({name for name in names if names.count(name) > 1})
        if double:
            raise ValueError(f"has two tokens called {', '.join(double)}. Rename one, so that it is known whose a process is")
        return self

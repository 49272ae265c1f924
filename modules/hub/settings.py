"""Reads the settings and secrets the hub is given, and says which one is wrong without ever showing a value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Environment variables that carry secrets into the hub; modules/k8s/jupyterhub/refs.py names the same.
CLIENT_SECRET = "HUBSMITH_CLIENT_SECRET"
DANDI_TOKENS = "HUBSMITH_DANDI_TOKENS"
COOKIE_SECRET = "HUBSMITH_COOKIE_SECRET"
CRYPT_KEY = "HUBSMITH_CRYPT_KEY"
GATEWAY_TOKEN = "HUBSMITH_GATEWAY_TOKEN"
LAUNCHER_TOKEN = "HUBSMITH_LAUNCHER_TOKEN"

_HEX_64 = re.compile(r"[0-9a-fA-F]{64}")


class SettingsError(Exception):
    """The hub cannot start with these settings. The message names the field or variable, never its value."""


@dataclass(frozen=True)
class Settings:
    """One mapping of the settings. where: its path, for messages."""

    values: Mapping[str, Any]
    where: str = "custom.hubsmith"

    def text(self, key: str) -> str:
        """A string that is not empty. Raises SettingsError."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value:
            raise SettingsError(f"{self.where}.{key} is missing or not text")
        return value

    def optional_text(self, key: str) -> str | None:
        """A string, or None when absent or empty. Raises SettingsError."""
        return self.text(key) if self.values.get(key) else None

    def names(self, key: str) -> list[str]:
        """A list of strings, empty when absent. Raises SettingsError."""
        value = self.values.get(key) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise SettingsError(f"{self.where}.{key} is not a list of texts")
        return value

    def people(self, key: str) -> set[str]:
        """User names as JupyterHub compares them: in lower case."""
        return {name.lower() for name in self.names(key)}

    def flag(self, key: str) -> bool:
        """True or False; False when absent. Raises SettingsError for anything else, because "false" in quotes is true."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise SettingsError(f"{self.where}.{key} is neither true nor false")
        return value

    def part(self, key: str) -> Settings:
        """The mapping below `key`. Raises SettingsError."""
        value = self.values.get(key)
        if not isinstance(value, Mapping):
            raise SettingsError(f"{self.where}.{key} is missing or not a mapping")
        return Settings(value, f"{self.where}.{key}")


@dataclass(frozen=True)
class Secrets:
    """The secrets in the hub's environment. Its repr shows none of them."""

    environment: Mapping[str, str] = field(repr=False)

    def text(self, name: str) -> str:
        """The value of variable `name`. Raises SettingsError when it is not there or empty."""
        value = self.environment.get(name, "").strip()
        if not value:
            raise SettingsError(f"{name} is not set; ./hub secrets set <env> gives it a value, and the next install brings it here")
        return value

    def key(self, name: str) -> bytes:
        """32 bytes, written as 64 hexadecimal digits. Raises SettingsError."""
        value = self.text(name)
        if not _HEX_64.fullmatch(value):
            raise SettingsError(f"{name} is not 64 hexadecimal digits")
        return bytes.fromhex(value)

    def by_server(self, name: str) -> dict[str, str]:
        """A JSON object of tokens by server; servers without their closing slash. Raises SettingsError."""
        try:
            value = json.loads(self.text(name))
        except ValueError:
            value = None
        if not isinstance(value, dict) or not all(isinstance(token, str) for token in value.values()):
            raise SettingsError(f'{name} is not a JSON object of tokens by server, such as {{"https://api.dandiarchive.org": "…"}}')
        return {server.rstrip("/"): token for server, token in value.items()}

"""The desktop user's name and password, from Secrets Manager."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from dcv_agent.aws import Aws
from dcv_agent.errors import Trouble

_USER = re.compile(r"^[a-z_][a-z0-9_-]{0,31}$")
_SYSTEM = {"root", "dcv", "daemon", "nobody"}


@dataclass(frozen=True)
class Credentials:
    """A user and a password that is never shown; `version` names the secrets' versions."""

    user: str
    password: str = field(repr=False)
    version: str


class Vault:
    """Reads one secret (JSON with UserName and Password) or two (the user name, then the password)."""

    def __init__(self, aws: Aws, secrets: tuple[str, ...]) -> None:
        self._aws, self._secrets = aws, secrets

    def read(self) -> Credentials:
        """The credentials of today; Trouble names the secret and the field that is wrong, never a value."""
        values = [self._value(name) for name in self._secrets]
        version = ",".join(version for _, version in values)
        if len(values) == 1:
            facts = _object(self._secrets[0], values[0][0])
            fields = [(f"{key} of secret {self._secrets[0]}", facts.get(key)) for key in ("UserName", "Password")]
        else:
            fields = [(f"secret {name}", text.strip("\r\n")) for name, (text, _) in zip(self._secrets, values, strict=True)]
        user, password = (_filled(what, value) for what, value in fields)
        if not _USER.match(user) or user in _SYSTEM:
            raise Trouble(f"{fields[0][0]} is not a name for a desktop's user (small letters, digits, _ and -, none of the system's own)")
        if any(sign in password for sign in "\r\n\0"):
            raise Trouble(f"{fields[1][0]} has a line break inside, which no password may have")
        return Credentials(user, password, version)

    def _value(self, name: str) -> tuple[str, str]:
        with self._aws.calls(f"secret {name}") as client:
            answer = client.get_secret_value(SecretId=name)
        return str(answer.get("SecretString") or ""), str(answer["VersionId"])


def _object(name: str, text: str) -> dict[str, object]:
    try:
        facts = json.loads(text)
    except ValueError:
        facts = None
    if not isinstance(facts, dict):
        raise Trouble(f'secret {name} is not a JSON object; write {{"UserName": …, "Password": …}}, or name two secrets')
    return facts


def _filled(what: str, value: object) -> str:
    # `null` as a text: what shell tools make of a field that is not there, and no password anybody chose.
    if not isinstance(value, str) or value.strip() in ("", "null"):
        raise Trouble(f"{what} is empty; write it with `./hub secrets set` or in Secrets Manager")
    return value

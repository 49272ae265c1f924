"""What is kept of Vault outside Vault: its CA's certificate, the recovery keys and, until configure has run, the root token."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import boto3

from modules.common import vault as refs
from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.aws_clients import client
from modules.ops.failures.aws import doing, missing_is_fine
from modules.ops.secret_store import SecretStore
from modules.ops.secrets import Need

#: Key of what stands in a secret instead of a value that is not there yet, or no more.
_STATE = "state"


class Keeper:
    """The secrets of one env's Vault, all JSON but the CA. Its methods raise HubError when AWS refuses; none repeats a value."""

    def __init__(self, session: boto3.Session, config: HubConfig) -> None:
        self._config = config
        self._client = client(session, "secretsmanager", config.region)
        self._store = SecretStore(session, config)

    def authority(self) -> str:
        """The certificate, PEM, that vouches for Vault's. Raises HubError when it was never made."""
        text = self._read(refs.CA_SECRET)
        if not text:
            raise HubError(
                f"the secret {refs.CA_SECRET} of {self._config.env} has no value", fix=f"./install.sh {self._config.env} makes it"
            )
        return text

    def certificate(self) -> str:
        """Vault's own certificate, PEM; "" when there is none."""
        return str(_object(self._read(refs.TLS_SECRET)).get(refs.CERTIFICATE_KEY, ""))

    def recovery_keys(self) -> tuple[str, ...]:
        """The keys; none before init."""
        return tuple(_object(self._read(refs.RECOVERY_KEYS_SECRET)).get("keys") or ())

    def root_token(self) -> str:
        """The token of init; "" before init, and once it was revoked."""
        return str(_object(self._read(refs.ROOT_TOKEN_SECRET)).get("token", ""))

    def prepare(self) -> None:
        """Write both secrets without a value, so that a refusal comes before there is something to lose."""
        for name in (refs.RECOVERY_KEYS_SECRET, refs.ROOT_TOKEN_SECRET):
            self._mark(name, "being initialised")

    def keep_recovery(self, keys: tuple[str, ...], threshold: int) -> None:
        """Store the recovery keys."""
        self._put(refs.RECOVERY_KEYS_SECRET, {"keys": list(keys), "threshold": threshold, "made": _now()})

    def keep_root(self, token: str) -> None:
        """Store the root token."""
        self._put(refs.ROOT_TOKEN_SECRET, {"token": token, "made": _now()})

    def forget_root(self) -> None:
        """Put a mark in the root token's place; the token itself is void by then."""
        self._mark(refs.ROOT_TOKEN_SECRET, "revoked")

    def kept_since(self, name: str) -> str | None:
        """The day the secret got its value; None while it has none."""
        return self._store.changed(self._id(name))

    def _mark(self, name: str, state: str) -> None:
        self._put(name, {_STATE: state, "at": _now()})

    def _put(self, name: str, value: dict[str, Any]) -> None:
        self._store.put(Need(self._id(name)), json.dumps(value))

    def _read(self, name: str) -> str:
        with doing(f"read the secret {name}"), missing_is_fine():
            return str(self._client.get_secret_value(SecretId=self._id(name)).get("SecretString", ""))
        return ""

    def _id(self, name: str) -> str:
        return f"{self._config.deployment}/{name}"


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"

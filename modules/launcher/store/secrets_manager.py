"""Secrets Manager as the launcher's store: for a launcher in the cluster, where nobody types a password."""

from __future__ import annotations

import os
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from botocore.session import Session

from modules.common.errors import HubError
from modules.launcher.store.errors import SecretMissing, SecretRefused, StoreUnavailable
from modules.launcher.store.values import pick

_ABSENT = frozenset({"ResourceNotFoundException", "InvalidRequestException"})
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})

#: A start of a process waits for its secrets; longer than this and it is told that the store does not answer.
_CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})


def make_client(region: str | None) -> Any:
    """A client of secretsmanager with the launcher's ambient credentials. Raises HubError when no region is known."""
    # botocore by itself reads AWS_DEFAULT_REGION alone.
    named = region or os.environ.get("AWS_REGION")
    try:
        return Session().create_client("secretsmanager", region_name=named, config=_CONFIG)
    except BotoCoreError as error:
        raise HubError(f"Secrets Manager cannot be used: {error}", where="secret_store.region", fix="set region, or AWS_REGION") from error


class SecretsManagerStore:
    """The secrets whose names begin with `prefix`, such as `hubsmith/dandi/launcher/`; callers name what follows it.

    client: a botocore client of secretsmanager. Values are read anew each time, so that a rotated secret is picked up.
    """

    def __init__(self, client: Any, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    def get(self, name: str, key: str | None = None) -> str:
        """The secret `name`, or what stands under `key` when it is a JSON object.

        Raises SecretMissing (a KeyError) when there is none or it is being deleted, SecretRefused when it is no text, has no
        such key or may not be read, StoreUnavailable when AWS does not answer.
        """
        full = f"{self._prefix}{name}"
        try:
            found = self._client.get_secret_value(SecretId=full).get("SecretString")
        except ClientError as error:
            raise _refusal(full, error) from error
        except (BotoCoreError, ResponseParserError) as error:
            raise StoreUnavailable(
                f"Secrets Manager does not answer: {error}", fix="try again; then look at the network and the region"
            ) from error
        if found is None:
            raise SecretRefused(f'the secret "{full}" holds bytes, not text', fix="store it as text: ./hub secrets set")
        return pick(found, name, key)


def _refusal(full: str, error: ClientError) -> SecretMissing | SecretRefused | StoreUnavailable:
    code = error.response.get("Error", {}).get("Code", "")
    if code in _ABSENT:
        return SecretMissing(f'there is no secret "{full}" in Secrets Manager', fix="set it, or name another")
    if code in _DENIED:
        return SecretRefused(f'the launcher may not read the secret "{full}"', fix="allow secretsmanager:GetSecretValue on it")
    return StoreUnavailable(f"Secrets Manager answered {code}", fix="try again; then look at the region and the credentials")

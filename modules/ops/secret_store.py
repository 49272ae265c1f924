"""Secrets Manager as this project uses it: whether a secret has a value, and giving it one. People's values are never read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import boto3

from modules.common.errors import HubError
from modules.common.tags import ADDRESS, DEPLOYMENT, deployment_tags
from modules.config.models import HubConfig
from modules.ops.aws_clients import client
from modules.ops.failures.aws import doing, missing_is_fine
from modules.ops.inventory import plain_tags
from modules.ops.secrets import Need

_CURRENT = "AWSCURRENT"


class SecretStore:
    """The secrets of one env. Its methods raise HubError when AWS refuses."""

    def __init__(self, session: boto3.Session, config: HubConfig) -> None:
        self._config = config
        self._client = client(session, "secretsmanager", config.region)

    def changed(self, id: str) -> str | None:
        """The day on which a secret got the value it has, such as 2026-11-21; None when it has none."""
        found = self._describe(id)
        if not found or found.get("DeletedDate") or not _has_value(found):
            return None
        day = found.get("LastChangedDate")
        return str(day.date()) if day else ""

    def value(self, id: str) -> str | None:
        """The value of a secret that this project made itself; None when it has none."""
        if self.changed(id) is None:
            return None
        with doing(f"read the secret {id}"):
            return str(self._client.get_secret_value(SecretId=id)["SecretString"])

    def without_value(self, needed: Iterable[Need]) -> tuple[Need, ...]:
        """Those that somebody must give a value: neither Terraform nor a person has."""
        return tuple(need for need in needed if need.readers and not need.made and self.changed(need.id) is None)

    def put(self, need: Need, value: str) -> None:
        """Give a secret a value; one that does not exist is made with the tags by which Terraform takes it over."""
        found = self._describe(need.id)
        with doing(f"set the secret {need.name}"):
            if found is None:
                tags = {
                    **deployment_tags(self._config.deployment, self._config.env),
                    **({ADDRESS: need.container} if need.container else {}),
                }
                self._client.create_secret(
                    Name=need.id, SecretString=value, Tags=[{"Key": key, "Value": text} for key, text in tags.items()]
                )
                return
            self._refuse_foreign(need, found)
            if found.get("DeletedDate"):
                self._client.restore_secret(SecretId=need.id)
            self._client.put_secret_value(SecretId=need.id, SecretString=value)

    def _describe(self, id: str) -> dict[str, Any] | None:
        with doing(f"look at the secret {id}"), missing_is_fine():
            found: dict[str, Any] = self._client.describe_secret(SecretId=id)
            return found
        return None

    def _refuse_foreign(self, need: Need, found: dict[str, Any]) -> None:
        owner = plain_tags(found.get("Tags", [])).get(DEPLOYMENT)
        if owner != self._config.deployment:
            raise HubError(
                f"the secret {need.id} exists and does not carry this env's tag. Nothing was changed",
                fix=f"tag it {DEPLOYMENT}={self._config.deployment} if it is this env's, or name another in hub.yaml",
            )


def _has_value(found: dict[str, Any]) -> bool:
    return any(_CURRENT in stages for stages in (found.get("VersionIdsToStages") or {}).values())

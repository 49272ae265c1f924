"""Containers for secrets. People's values are put in by `./hub secrets set`; those nobody needs to know are made here, once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from modules.cdk import Lifecycle, Stack, aws, keep

#: A deleted secret keeps its name for this many days. Zero, because deleting data is asked for by the env's name and the
#: same name must be free for the next install; the values can be set again, unlike homes.
RECOVERY_DAYS = 0
#: 32 bytes in hexadecimal, as JupyterHub wants its cookie secret and its crypt keys.
_HEX_LENGTH, _NOT_HEX = 64, "ghijklmnopqrstuvwxyz"


class SecretContainers:
    """One Secrets Manager secret per name, called `<deployment>/<name>`; `arns` by name."""

    def __init__(self, stack: Stack, id: str, *, deployment: str, names: Iterable[str], kms_key_arn: str, protect: bool) -> None:
        self._stack, self._id = stack, id
        self.arns: dict[str, str] = {}
        for name in names:
            secret = aws.secretsmanager_secret.SecretsmanagerSecret(
                stack,
                f"{id}-{name}",
                name=f"{deployment}/{name}",
                description=f"Hubsmith {deployment}: {name}",
                kms_key_id=kms_key_arn,
                recovery_window_in_days=RECOVERY_DAYS,
                lifecycle=keep(protect),
            )
            self.arns[name] = secret.arn

    def make_once(self, name: str) -> None:
        """Fill a container with random hexadecimal digits. They pass through Terraform as an ephemeral value into a write-only
        argument, so no plan or state holds them, and a later run neither reads nor replaces them."""
        id = f"{self._id}-{name}"
        drawn = self._stack.ephemeral(
            "aws_secretsmanager_random_password",
            id,
            password_length=_HEX_LENGTH,
            exclude_punctuation=True,
            exclude_uppercase=True,
            exclude_characters=_NOT_HEX,
            require_each_included_type=False,
        )
        self._write(name, f"${{{drawn}.random_password}}")

    def copy(self, name: str, value: str, *, owner: Any) -> None:
        """Fill a container with a value that AWS made; written anew when `owner`, the resource it belongs to, is replaced."""
        # Written out: the engine would wrap its own reference in `${…}`, which this argument does not take.
        trigger = f"{owner.terraform_resource_type}.{owner.friendly_unique_id}.id"
        self._write(name, value, lifecycle=Lifecycle(replace_triggered_by=[trigger]))

    def _write(self, name: str, value: str, lifecycle: Any = None) -> None:
        aws.secretsmanager_secret_version.SecretsmanagerSecretVersion(
            self._stack,
            f"{self._id}-{name}-value",
            secret_id=self.arns[name],
            secret_string_wo=value,
            # The provider writes the value when this number changes, so never again.
            secret_string_wo_version=1,
            lifecycle=lifecycle,
        )

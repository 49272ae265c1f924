"""Containers for secrets. Their values are put in by `./hub secrets set`, never by Terraform."""

from __future__ import annotations

from collections.abc import Iterable

from modules.cdk import Stack, aws, keep

#: A deleted secret keeps its name for this many days. Zero, because deleting data is asked for by the env's name and the
#: same name must be free for the next install; the values can be set again, unlike homes.
RECOVERY_DAYS = 0


class SecretContainers:
    """One Secrets Manager secret per name, called `<deployment>/<name>`; `arns` by name."""

    def __init__(self, stack: Stack, id: str, *, deployment: str, names: Iterable[str], kms_key_arn: str, protect: bool) -> None:
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

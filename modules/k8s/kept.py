"""Storage classes whose volumes stay when their claims go: people's homes, the hub's database, Vault's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modules.cdk import Stack
from modules.common.homes import Purpose, storage_class
from modules.common.tags import PURPOSE
from modules.config.models import HubConfig
from modules.k8s.storage import volume_class


def kept_class(config: HubConfig, purpose: Purpose) -> str:
    """The name of the class for one purpose."""
    return storage_class(purpose, config.deployment, shared_cluster=config.cluster.existing is not None)


def kept_classes(
    stack: Stack, config: HubConfig, *, tags: Mapping[str, str], kms_key_arn: str | None, depends_on: Sequence[Any] = ()
) -> list[Any]:
    """A class for the hub's database, and one for homes where they are on EBS; arguments as of `make_kept_class`."""
    wanted = [Purpose.DATABASE, *([Purpose.HOME] if config.storage.homes.kind == "ebs" else [])]
    return [make_kept_class(stack, config, purpose, tags=tags, kms_key_arn=kms_key_arn, depends_on=depends_on) for purpose in wanted]


def make_kept_class(
    stack: Stack, config: HubConfig, purpose: Purpose, *, tags: Mapping[str, str], kms_key_arn: str | None, depends_on: Sequence[Any] = ()
) -> Any:
    """The class for one purpose.

    kms_key_arn: of the deployment's own key; None for the account's, where the driver's role is somebody else's and may not use ours.
    """
    return volume_class(
        stack,
        purpose,
        name=kept_class(config, purpose),
        tags={**tags, PURPOSE: purpose},
        # A namespace that goes takes its claims with it, and with them every volume that is not kept (docs/homes.md).
        reclaim="Retain",
        parameters={"kmsKeyId": kms_key_arn} if kms_key_arn else {},
        depends_on=depends_on,
    )

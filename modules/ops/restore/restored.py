"""A file system that a restore made: no stack knows it, so what is done with it goes by its tag."""

from __future__ import annotations

from modules.common.tags import ADDRESS, address_value, deployment_tags
from modules.config.models import HubConfig
from modules.ops.inventory import Found
from modules.ops.sweep import DATA

#: What the tag says instead of a Terraform address. It is data, and a cleanup that keeps data keeps it.
_ADDRESS = "restored"


def restored_tags(config: HubConfig) -> dict[str, str]:
    """What such a file system carries."""
    return {
        **deployment_tags(config.deployment, config.env),
        ADDRESS: address_value(f"{config.env}-{DATA}", _ADDRESS),
        "Name": f"{config.deployment}-{_ADDRESS}",
    }


def is_restored(found: Found) -> bool:
    """Whether something that carries the deployment's tag is one."""
    return found.kind == "elasticfilesystem:file-system" and found.address == _ADDRESS

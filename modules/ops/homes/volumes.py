"""The EBS volumes that outlive hub and cluster, as EC2 knows them: by tags, because nothing else is left of a cluster."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import boto3

from modules.common import homes
from modules.common.homes import Purpose
from modules.common.tags import DEPLOYMENT
from modules.config.models import HubConfig
from modules.ops.aws_clients import client, pages
from modules.ops.failures.aws import doing
from modules.ops.inventory import Found, plain_tags

#: People's homes come first.
_LAST = {Purpose.DATABASE: 1, Purpose.VAULT: 2}
#: States of a volume that is on its way out, or never worked.
_LOST = frozenset({"deleting", "deleted", "error"})


@dataclass(frozen=True)
class Volume:
    """One volume. gib: its size. state: EC2's, "available" when nothing has it. node, since: where it is attached, and since when."""

    id: str
    claim: str
    namespace: str
    zone: str
    gib: int
    state: str
    created: datetime
    purpose: Purpose
    node: str = ""
    since: datetime | None = field(default=None, compare=False)

    @property
    def owner(self) -> str:
        """Whose home it is; "" for what is nobody's."""
        return homes.owner(self.claim)

    @property
    def what(self) -> str:
        """`home of ada`, `the hub's database`, `Vault's data-vault-0`; `claim jupyterhub/x` where somebody made one of homes' class."""
        if self.purpose is Purpose.VAULT:
            return f"Vault's {self.claim}"
        if self.purpose is Purpose.HOME:
            return f"home of {self.owner}" if self.owner else f"claim {self.namespace}/{self.claim}"
        return "the hub's database"


def find_volumes(session: boto3.Session, config: HubConfig) -> tuple[Volume, ...]:
    """Every volume of this deployment that is kept, sorted by claim, the newest first. Raises HubError when EC2 refuses."""
    wanted = [
        {"Name": f"tag:{DEPLOYMENT}", "Values": [config.deployment]},
        {"Name": "tag-key", "Values": [homes.CLAIM_TAG]},
    ]
    with doing(f"look for the homes of {config.deployment}"):
        found = list(pages(client(session, "ec2", config.region), "describe_volumes", "Volumes", Filters=wanted))
    made = [volume for each in found if each["State"] not in _LOST and (volume := _volume(each)) is not None]
    made.sort(key=lambda volume: volume.created, reverse=True)
    return tuple(sorted(made, key=lambda volume: (_LAST.get(volume.purpose, 0), volume.namespace, volume.claim)))


def is_kept_volume(found: Found) -> bool:
    """Whether something that carries the deployment's tag is such a volume: no state knows it, and it is no orphan."""
    return found.kind == "ec2:volume" and homes.kept_purpose(found.tags) is not None


def owners(volumes: Iterable[Volume]) -> str:
    """`ada, grace, the hub's database`: whose these are, each once."""
    return ", ".join(dict.fromkeys(volume.owner or volume.what for volume in volumes))


def _volume(item: dict[str, Any]) -> Volume | None:
    tags = plain_tags(item.get("Tags", []))
    purpose = homes.kept_purpose(tags)
    if purpose is None:
        return None
    attachment: dict[str, Any] = next(iter(item.get("Attachments", ())), {})
    return Volume(
        id=item["VolumeId"],
        claim=tags[homes.CLAIM_TAG],
        namespace=tags.get(homes.NAMESPACE_TAG, ""),
        zone=item["AvailabilityZone"],
        gib=int(item["Size"]),
        state=item["State"],
        created=item["CreateTime"],
        purpose=purpose,
        node=attachment.get("InstanceId", ""),
        since=attachment.get("AttachTime"),
    )

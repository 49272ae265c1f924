"""What outlives the cluster: homes, shared trees, buckets, backups."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from modules.config._base import BucketName, Key, Model, VolumeSize

Access = Literal["read-write", "read-only", "per-user"]


def _shared_tree() -> dict[str, Access]:
    return {"shared": "read-write"}


class Homes(Model):
    """Where each user's home directory lives."""

    kind: Literal["efs", "ebs"] = "efs"
    """`efs`: a directory per user on the shared file system. `ebs`: a volume per user, tied to one zone."""
    size: VolumeSize = "100Gi"
    """Of each EBS volume; EFS has no quota."""
    mount_path: Annotated[str, Field(pattern=r"^/[A-Za-z0-9/_.-]+$")] = "/home/jovyan"
    """Where the home is in the image."""


class Efs(Model):
    """The EFS file system."""

    enabled: bool = True
    """Off only where homes are on EBS and no shared tree is wanted."""
    throughput: Literal["elastic", "bursting"] = "elastic"
    """`elastic` pays by use; `bursting` is slower the less is stored."""
    infrequent_access_days: Literal[7, 14, 30, 60, 90] | None = 30
    """Files unread for this long move to the cheaper class."""
    trees: dict[Key, Access] = Field(default_factory=_shared_tree)
    """Directories mounted at /<name>, each with an access point of its own; `per-user`: everybody sees a directory of theirs alone."""


class Backup(Model):
    """AWS Backup of the file system."""

    enabled: bool = True
    """Whether the file system is backed up."""
    schedule: Annotated[str, Field(pattern=r"^(cron|rate)\(.+\)$")] = "cron(0 5 * * ? *)"
    """When, in UTC."""
    keep_days: Annotated[int, Field(ge=1, le=3650)] = 35
    """How long a backup is kept."""


class Buckets(Model):
    """Buckets of the hub's users."""

    shared: bool = True
    """Kept for good."""
    scratch: bool = False
    """Emptied after scratch_days; notebooks find it in SCRATCH_BUCKET."""
    scratch_days: Annotated[int, Field(ge=1, le=365)] = 30
    """Age at which an object of the scratch bucket is deleted."""
    read: tuple[BucketName, ...] = ()
    """Other buckets, by name, that every notebook may read."""


class Storage(Model):
    """Data that survives a cleanup."""

    homes: Homes = Homes()
    """Home directories."""
    efs: Efs = Efs()
    """The file system."""
    backup: Backup = Backup()
    """Backups of the file system."""
    buckets: Buckets = Buckets()
    """Buckets of the users."""
    protect: bool = True
    """Terraform refuses to destroy file system, buckets, keys and user pool until cleanup --delete-data."""

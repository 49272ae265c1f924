"""The home of the Terraform states: made before Terraform runs, checked on every run, removed only when asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import boto3

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.aws_clients import client, pages
from modules.ops.failures.aws import doing, missing_is_fine
from modules.ops.lock_table import LockTable
from modules.ops.state_bucket import StateBucket

#: DeleteObjects takes at most this many keys, https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
_BATCH = 1000
_REFUSED = "look for a bucket policy or an object lock that forbids it, then run the same command again"


@dataclass(frozen=True)
class Bootstrapped:
    """What a run of the bootstrap had to do, as sentences. Both are empty on a run that found all in order."""

    created: tuple[str, ...]
    repaired: tuple[str, ...]


def ensure_state_backend(session: boto3.Session, config: HubConfig) -> Bootstrapped:
    """Make or repair the state bucket and the lock table of this env.

    Safe to kill at any call: each property is read and, where it differs, written again on the next run.
    Raises HubError when a name is taken by somebody else, or AWS refuses.
    """
    made, mended = StateBucket(session, config).ensure()
    made_table, mended_table = LockTable(session, config).ensure()
    return Bootstrapped(created=made + made_table, repaired=mended + mended_table)


def purge_state_backend(session: boto3.Session, config: HubConfig) -> tuple[str, ...]:
    """Remove this env's states with all their versions, then bucket and table; gives what was removed, as sentences.

    A bucket or table that carries another deployment's tag, or still holds other envs' states, is shared: then only
    this env's objects and lock items go.
    """
    with doing("remove the state backend"):
        return (*_purge_bucket(session, config), *_purge_table(session, config))


def empty_bucket(s3: Any, bucket: str, prefix: str = "") -> int:
    """Delete every version, delete marker and unfinished upload below `prefix`; gives how many versions went."""
    for upload in list(pages(s3, "list_multipart_uploads", "Uploads", Bucket=bucket, Prefix=prefix)):
        with missing_is_fine():
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    gone = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix, PaginationConfig={"PageSize": _BATCH}):
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        keys = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
        if keys:
            # A key that S3 would not delete is an entry in the answer, not an error of the call.
            for refused in s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True}).get("Errors", ()):
                raise HubError(f"S3 would not delete {refused['Key']} of bucket {bucket}: {refused['Code']}", fix=_REFUSED)
            gone += len(keys)
    return gone


def _purge_bucket(session: boto3.Session, config: HubConfig) -> tuple[str, ...]:
    bucket = StateBucket(session, config)
    if not bucket.exists():
        return ()
    s3 = client(session, "s3", config.region)
    gone = empty_bucket(s3, bucket.name, prefix=f"{config.env}/")
    others = s3.list_object_versions(Bucket=bucket.name, MaxKeys=1)
    shared = bucket.deployment() not in ("", config.deployment) or others.get("Versions") or others.get("DeleteMarkers")
    if shared:
        return (f"{gone} versions of this env's states in the shared bucket {bucket.name}",) if gone else ()
    with missing_is_fine():
        s3.delete_bucket(Bucket=bucket.name)
    return (f"bucket {bucket.name} with {gone} versions",)


def _purge_table(session: boto3.Session, config: HubConfig) -> tuple[str, ...]:
    dynamodb = client(session, "dynamodb", config.region)
    removed: tuple[str, ...] = ()
    with missing_is_fine():
        ours = f"{config.state_bucket}/{config.env}/"
        items = [
            item["LockID"]["S"] for item in pages(dynamodb, "scan", "Items", TableName=config.lock_table, ProjectionExpression="LockID")
        ]
        owner = LockTable(session, config).deployment()
        if owner in ("", config.deployment) and all(name.startswith(ours) for name in items):
            dynamodb.delete_table(TableName=config.lock_table)
            return (f"table {config.lock_table}",)
        for name in items:
            if name.startswith(ours):
                dynamodb.delete_item(TableName=config.lock_table, Key={"LockID": {"S": name}})
                removed = (f"this env's items in the shared table {config.lock_table}",)
    return removed

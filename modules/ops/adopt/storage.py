"""Adopting storage and its keys: EFS, S3, KMS, AWS Backup."""

from __future__ import annotations

from botocore.exceptions import ClientError

from modules.ops.adopt.model import Body, Family, Finder, Tagged, World
from modules.ops.aws_clients import pages
from modules.ops.failures.aws import Kind, kind_of, missing_is_fine
from modules.ops.inventory import plain_tags

_BUCKET_PARTS = {
    "aws_s3_bucket_versioning": "PutBucketVersioning",
    "aws_s3_bucket_server_side_encryption_configuration": "PutBucketEncryption",
    "aws_s3_bucket_public_access_block": "PutPublicAccessBlock",
    "aws_s3_bucket_policy": "PutBucketPolicy",
    "aws_s3_bucket_lifecycle_configuration": "PutBucketLifecycleConfiguration",
    "aws_s3_bucket_ownership_controls": "PutBucketOwnershipControls",
}


def _bucket(world: World, body: Body) -> str | None:
    """A bucket that was made but not yet tagged: the provider tags it in a second call."""
    name = body.text("bucket")
    s3 = world.clients.get("s3")
    tags: dict[str, str] = {}
    try:
        s3.head_bucket(Bucket=name, ExpectedBucketOwner=world.clients.account)
    except ClientError as error:
        if kind_of(error) in {Kind.MISSING, Kind.DENIED}:  # somebody else's: Terraform will say that the name is taken
            return None
        raise
    with missing_is_fine():
        tags = plain_tags(s3.get_bucket_tagging(Bucket=name)["TagSet"])
    return name if world.is_ours(tags, untagged=True) else None


def _file_system(world: World, body: Body) -> str | None:
    for found in pages(world.clients.get("efs"), "describe_file_systems", "FileSystems", CreationToken=body.text("creation_token")):
        if found["LifeCycleState"] not in {"deleting", "deleted"} and world.is_ours(plain_tags(found.get("Tags", []))):
            return str(found["FileSystemId"])
    return None


def _mount_target(world: World, body: Body) -> str | None:
    file_system, subnet = body.text("file_system_id"), body.text("subnet_id")
    with missing_is_fine():
        for target in pages(world.clients.get("efs"), "describe_mount_targets", "MountTargets", FileSystemId=file_system):
            if target["SubnetId"] == subnet and target["LifeCycleState"] not in {"deleting", "deleted"}:
                return str(target["MountTargetId"])
    return None


def _alias(world: World, body: Body) -> str | None:
    """An alias that points to this key. One that points elsewhere is not adopted: it would be taken from its owner."""
    name, key = body.text("name"), body.text("target_key_id").rpartition("/")[2]
    with missing_is_fine():
        for alias in pages(world.clients.get("kms"), "list_aliases", "Aliases", KeyId=key):
            if alias["AliasName"] == name:
                return name
    return None


def _vault(world: World, body: Body) -> str | None:
    name, backup = body.text("name"), world.clients.get("backup")
    for vault in pages(backup, "list_backup_vaults", "BackupVaultList"):
        if vault["BackupVaultName"] == name:
            tags = backup.list_tags(ResourceArn=vault["BackupVaultArn"]).get("Tags", {})
            return name if world.is_ours(tags) else None
    return None


def _selection(world: World, body: Body) -> str | None:
    plan, name = body.text("plan_id"), body.text("name")
    with missing_is_fine():
        for selection in pages(world.clients.get("backup"), "list_backup_selections", "BackupSelectionsList", BackupPlanId=plan):
            if selection["SelectionName"] == name:
                return f"{plan}|{selection['SelectionId']}"
    return None


_BY_NAME: dict[str, Finder] = {"aws_s3_bucket": _bucket, "aws_efs_file_system": _file_system, "aws_backup_vault": _vault}
_BY_PARENT: dict[str, Finder] = {
    "aws_efs_mount_target": _mount_target,
    "aws_kms_alias": _alias,
    "aws_backup_selection": _selection,
}

FAMILY = Family(
    tagged={
        "aws_kms_key": Tagged("kms:key", attributes={"key_id": lambda world, found: found.id}),
        "aws_efs_file_system": Tagged("elasticfilesystem:file-system"),
        "aws_efs_access_point": Tagged("elasticfilesystem:access-point"),
        "aws_s3_bucket": Tagged("s3:bucket"),
        "aws_backup_vault": Tagged("backup:backup-vault"),
        "aws_backup_plan": Tagged("backup:backup-plan"),
    },
    by_name=_BY_NAME,
    by_parent=_BY_PARENT,
    put_again={**_BUCKET_PARTS, "aws_efs_file_system_policy": "PutFileSystemPolicy"},
)

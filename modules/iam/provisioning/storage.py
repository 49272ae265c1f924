"""S3 and the lock table: the users' buckets, and where Terraform keeps its memory."""

from __future__ import annotations

from modules.iam.document import Document, allow, document
from modules.iam.provisioning.scope import Scope

#: What the provider reads of every bucket, whether or not we set it.
_READ = (
    "s3:GetAccelerateConfiguration",
    "s3:GetBucketAcl",
    "s3:GetBucketCORS",
    "s3:GetBucketLocation",
    "s3:GetBucketLogging",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketRequestPayment",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetBucketWebsite",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:ListBucketVersions",
)
_WRITE = (
    "s3:CreateBucket",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
)
_LOCKS = (
    "dynamodb:CreateTable",
    "dynamodb:DeleteItem",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeTable",
    "dynamodb:GetItem",
    "dynamodb:ListTagsOfResource",
    "dynamodb:PutItem",
    "dynamodb:Scan",
    "dynamodb:TagResource",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateTable",
)


def storage(scope: Scope) -> Document:
    """The users' buckets, by name, which may be emptied and deleted (cleanup --delete-data asks for it); the state bucket
    and the lock table, which may be made, repaired, read and written, and not deleted.

    `cleanup --purge-state` deletes those two as well, and takes somebody who may do more than this role.
    """
    own = [scope.bucket(f"{scope.deployment}-{purpose}") for purpose in ("shared", "scratch")]
    bucket = scope.bucket(scope.state_bucket)
    below = f"{bucket}/{scope.env}/*"
    return document(
        allow("OwnBuckets", (*_READ, *_WRITE, "s3:DeleteBucket"), own),
        allow("EmptyBuckets", ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:DeleteObjectVersion"), [f"{arn}/*" for arn in own]),
        allow("StateBucket", (*_READ, *_WRITE), bucket),
        allow("States", ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"), below),
        allow("StateLocks", "s3:DeleteObject", f"{below}.tflock"),
        allow("LockTable", _LOCKS, scope.arn("dynamodb", f"table/{scope.lock_table}")),
    )

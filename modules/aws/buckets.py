"""S3 buckets that nobody reads without TLS, nobody makes public, and no lost version stays in for ever."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from modules.cdk import Stack, aws, keep

_NS = aws.s3_bucket_lifecycle_configuration


@dataclass(frozen=True)
class BucketProps:
    """name: globally unique. kms_key_arn: encrypts every object. policy: the bucket policy. expire_days: objects older
    than this are deleted (None keeps them). keep_versions_days: how long an overwritten or deleted object can be had back."""

    name: str
    kms_key_arn: str
    policy: dict[str, Any]
    protect: bool
    expire_days: int | None = None
    keep_versions_days: int = 30


class Bucket:
    """A private, versioned, encrypted bucket."""

    def __init__(self, stack: Stack, id: str, props: BucketProps) -> None:
        self.resource = aws.s3_bucket.S3Bucket(stack, id, bucket=props.name, lifecycle=keep(props.protect))
        self.name: str = self.resource.id
        self.arn: str = self.resource.arn
        aws.s3_bucket_ownership_controls.S3BucketOwnershipControls(
            stack,
            f"{id}-ownership",
            bucket=self.name,
            rule=aws.s3_bucket_ownership_controls.S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        )
        closed = aws.s3_bucket_public_access_block.S3BucketPublicAccessBlock(
            stack,
            f"{id}-closed",
            bucket=self.name,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        versioning = aws.s3_bucket_versioning.S3BucketVersioningA(
            stack,
            f"{id}-versioning",
            bucket=self.name,
            versioning_configuration=aws.s3_bucket_versioning.S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )
        self._encrypt(stack, id, props)
        aws.s3_bucket_policy.S3BucketPolicy(stack, f"{id}-policy", bucket=self.name, policy=json.dumps(props.policy), depends_on=[closed])
        # The provider refuses noncurrent-version rules it finds on a bucket whose versioning is not on yet.
        self._expire(stack, id, props, depends_on=[versioning])

    def _encrypt(self, stack: Stack, id: str, props: BucketProps) -> None:
        sse = aws.s3_bucket_server_side_encryption_configuration
        sse.S3BucketServerSideEncryptionConfigurationA(
            stack,
            f"{id}-encryption",
            bucket=self.name,
            rule=[
                sse.S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=sse.S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
                        sse_algorithm="aws:kms", kms_master_key_id=props.kms_key_arn
                    ),
                    # One KMS call per prefix and hour instead of one per object: a data set of a million files stays payable.
                    bucket_key_enabled=True,
                )
            ],
        )

    def _expire(self, stack: Stack, id: str, props: BucketProps, *, depends_on: list[Any]) -> None:
        rules = [
            _NS.S3BucketLifecycleConfigurationRule(
                id="old-versions",
                status="Enabled",
                filter=[_NS.S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                noncurrent_version_expiration=[
                    _NS.S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(noncurrent_days=props.keep_versions_days)
                ],
                abort_incomplete_multipart_upload=[
                    _NS.S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(days_after_initiation=7)
                ],
            )
        ]
        if props.expire_days is not None:
            rules.append(
                _NS.S3BucketLifecycleConfigurationRule(
                    id="scratch",
                    status="Enabled",
                    filter=[_NS.S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    expiration=[_NS.S3BucketLifecycleConfigurationRuleExpiration(days=props.expire_days)],
                )
            )
        _NS.S3BucketLifecycleConfiguration(stack, f"{id}-lifecycle", bucket=self.name, rule=rules, depends_on=depends_on)

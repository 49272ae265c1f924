"""Who reaches a bucket, and how."""

from __future__ import annotations

from collections.abc import Sequence

from modules.iam.document import Document, Statement, allow, deny, document

_LIST = ("s3:GetBucketLocation", "s3:ListBucket")
_READ = ("s3:GetObject", "s3:GetObjectVersion")
_WRITE = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject")


def tls_only(bucket_arn: str) -> Document:
    """Bucket policy: nobody, not even the owner, without TLS 1.2."""
    both = (bucket_arn, f"{bucket_arn}/*")
    return document(
        deny("TlsOnly", "s3:*", both, principal="*", conditions={"Bool": {"aws:SecureTransport": "false"}}),
        deny("ModernTlsOnly", "s3:*", both, principal="*", conditions={"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
    )


def read_write(name: str, bucket_arn: str) -> tuple[Statement, Statement]:
    """Read, write and delete objects of one bucket. name: what the Sids are called after, such as Shared."""
    return (
        allow(f"{name}List", (*_LIST, "s3:ListBucketMultipartUploads"), bucket_arn),
        allow(f"{name}Objects", _WRITE, f"{bucket_arn}/*"),
    )


def read_only(name: str, bucket_arns: Sequence[str]) -> tuple[Statement, Statement]:
    """Read objects of these buckets."""
    return allow(f"{name}List", _LIST, bucket_arns), allow(f"{name}Objects", _READ, [f"{arn}/*" for arn in bucket_arns])


def prefix(name: str, bucket_arn: str, path: str, *, write: bool) -> tuple[Statement, Statement, Statement]:
    """One prefix of a bucket (`team/data`); listing is limited to it too, from the slash on: without it, keys of `team/data2`
    would be listed."""
    listed = {"StringLike": {"s3:prefix": f"{path}/*"}}
    return (
        allow(f"{name}Locate", "s3:GetBucketLocation", bucket_arn),
        allow(f"{name}List", "s3:ListBucket", bucket_arn, conditions=listed),
        allow(f"{name}Objects", _WRITE if write else _READ, f"{bucket_arn}/{path}/*"),
    )


def single_user(
    *,
    partition: str,
    shared_arn: str | None = None,
    scratch_arn: str | None = None,
    read: Sequence[str] = (),
    key_arn: str | None = None,
    s3_endpoint: str | None = None,
) -> Document | None:
    """What notebooks may do in S3; None when there is nothing.

    read: names of other buckets. key_arn and s3_endpoint (s3.<region>.<suffix>): the key that encrypts our buckets.
    """
    statements: list[Statement] = []
    if shared_arn is not None:
        statements += read_write("Shared", shared_arn)
    if scratch_arn is not None:
        statements += read_write("Scratch", scratch_arn)
    if read:
        statements += read_only("Read", [f"arn:{partition}:s3:::{bucket}" for bucket in read])
    if key_arn is not None and s3_endpoint is not None and (shared_arn is not None or scratch_arn is not None):
        statements.append(object_key(key_arn, s3_endpoint))
    return document(*statements) if statements else None


def object_key(key_arn: str, s3_endpoint: str) -> Statement:
    """Reading and writing encrypted objects, through S3 only."""
    via = {"StringEquals": {"kms:ViaService": s3_endpoint}}
    return allow("ObjectKey", ("kms:Decrypt", "kms:GenerateDataKey"), key_arn, conditions=via)

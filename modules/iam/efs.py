"""The file system's own policy. NFS clients are anonymous to IAM, so what is said here holds for all of them."""

from __future__ import annotations

from collections.abc import Sequence

from modules.iam.document import Document, allow, deny, document

#: Everything an NFS client can ask for.
_CLIENT = ("elasticfilesystem:ClientMount", "elasticfilesystem:ClientRootAccess", "elasticfilesystem:ClientWrite")


def access_points(partition: str, region: str, account: str) -> str:
    """The ARN of every access point of the account, for `file_system_policy` where their ids are not known yet."""
    return f"arn:{partition}:elasticfilesystem:{region}:{account}:access-point/*"


def file_system_policy(file_system_arn: str, *, through: str | Sequence[str], root: Sequence[str] = ()) -> Document:
    """Clients come over TLS, through a mount target and one of the access points `through`, and never as root.

    An access point pins the user and the directory, so a client that opens the file system past it could read every
    home. root: ARNs of roles that may be root, for repairs; they mount with the `iam` option.
    """
    entry = {"elasticfilesystem:AccessPointArn": through if isinstance(through, str) else list(through)}
    statements = [
        allow(
            "MountByAccessPoint",
            ("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"),
            file_system_arn,
            principal={"AWS": "*"},
            conditions={"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}, "ArnLike": entry},
        ),
        deny("TlsOnly", _CLIENT, file_system_arn, principal={"AWS": "*"}, conditions={"Bool": {"aws:SecureTransport": "false"}}),
    ]
    if root:
        statements.append(allow("RepairAsRoot", _CLIENT, file_system_arn, principal={"AWS": list(root)}))
    return document(*statements)

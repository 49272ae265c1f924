"""AWS Backup's role: the file system only, where AWS's managed policy would allow every service."""

from __future__ import annotations

from modules.iam import trust
from modules.iam.document import Document, allow, document


def role_trust(account: str) -> Document:
    """Trust for AWS Backup, acting for this account."""
    return trust.service("backup.amazonaws.com", source_account=account)


def file_system_backup(file_system_arn: str) -> Document:
    """Take backups of one file system and restore files into it. A restore into a new file system takes a role that
    may create one, such as AWS's default backup role, on the day it is needed.
    """
    return document(
        allow("BackUpFiles", ("elasticfilesystem:Backup", "elasticfilesystem:DescribeTags"), file_system_arn),
        allow("RestoreFiles", ("elasticfilesystem:DescribeFileSystems", "elasticfilesystem:Restore"), file_system_arn),
    )

"""AWS Backup's role. Its policies are AWS's own (managed.BACKUP, managed.RESTORE): a narrower one that misses an action
of next year fails a backup nobody watches."""

from __future__ import annotations

from modules.iam import trust
from modules.iam.document import Document


def role_trust(account: str) -> Document:
    """Trust for AWS Backup, acting for this account."""
    return trust.service("backup.amazonaws.com", source_account=account)

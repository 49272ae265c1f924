"""Vault's own role: unseal with one key, and become the roles that users link. Nothing of it is a key in a file."""

from __future__ import annotations

from collections.abc import Sequence

from modules.iam.document import Document, allow, document

#: What the awskms seal calls, https://developer.hashicorp.com/vault/docs/configuration/seal/awskms
_UNSEAL = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt")


def server_policy(*, key_arn: str, user_roles: Sequence[str]) -> Document:
    """For the servers' IRSA role.

    key_arn: of the key that unseals. user_roles: ARNs, `*` for any characters, of the roles that `./hub vault link-user` may link; each
    has to trust Vault's role as well. No iam:GetRole: logins are bound to roles by name (modules/ops/vault/wanted.py).
    """
    return document(allow("Unseal", _UNSEAL, key_arn), allow("BecomeUserRoles", "sts:AssumeRole", list(user_roles)))

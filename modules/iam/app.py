"""Roles that the operator defines for service accounts (config: roles)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from modules.iam import buckets, trust
from modules.iam.document import Document, Statement, document

#: The one inline policy of an application role.
POLICY = "access"


class Grant(Protocol):
    """Access to one bucket, or one prefix of it (modules.config.extras.BucketGrant)."""

    @property
    def name(self) -> str: ...
    @property
    def prefix(self) -> str: ...
    @property
    def access(self) -> str: ...


class Role(Protocol):
    """One role of the configuration (modules.config.extras.AppRole)."""

    @property
    def service_accounts(self) -> Sequence[str]: ...
    @property
    def allow_patterns(self) -> bool: ...
    @property
    def buckets(self) -> Sequence[Grant]: ...
    @property
    def statements(self) -> Sequence[dict[str, Any]]: ...


def role_trust(role: Role, *, provider_arn: str, issuer: str) -> Document:
    """Trust for the role's service accounts: exact, unless one holds a `*` and the role says allow_patterns."""
    if role.allow_patterns and any("*" in account for account in role.service_accounts):
        return trust.irsa_pattern(provider_arn, issuer, role.service_accounts)
    return trust.irsa_many(provider_arn, issuer, role.service_accounts)


def role_policy(role: Role, *, partition: str) -> Document | None:
    """The role's own policy: its buckets, then its raw statements as they were written. None when it has neither."""
    statements: list[Statement] = []
    for number, grant in enumerate(role.buckets, start=1):
        statements += _bucket(f"Bucket{number}", grant, partition)
    statements += [dict(statement) for statement in role.statements]
    return document(*statements) if statements else None


def _bucket(name: str, grant: Grant, partition: str) -> Sequence[Statement]:
    arn = f"arn:{partition}:s3:::{grant.name}"
    write = grant.access == "write"
    path = grant.prefix.strip("/")
    if path:
        return buckets.prefix(name, arn, path, write=write)
    return buckets.read_write(name, arn) if write else buckets.read_only(name, [arn])

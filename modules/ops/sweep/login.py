"""The address of the hosted login and the certificate: names that the next install needs free."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from botocore.exceptions import ClientError

from modules.ops.aws_clients import Clients
from modules.ops.failures.aws import Kind, kind_of
from modules.ops.inventory import Found
from modules.ops.sweep.model import Sweepable
from modules.ops.sweep.scope import Scope


def domains(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """The domain that this env's login would have, when it stands in no state and its pool is gone, or ours and lost."""
    auth = scope.config.auth
    if scope.held is None or auth.kind != "cognito":
        return
    cognito, name = clients.get("cognito-idp"), auth.domain_prefix or scope.deployment
    described = cognito.describe_user_pool_domain(Domain=name).get("DomainDescription") or {}
    pool = described.get("UserPoolId", "")
    if pool and _may_go(clients, scope, pool):
        # Terraform's id of a domain is the domain.
        yield Sweepable("login domain", name, partial(cognito.delete_user_pool_domain, Domain=name, UserPoolId=pool))


def _may_go(clients: Clients, scope: Scope, pool: str) -> bool:
    """Whether nobody logs in there any more. A pool that we may not read is somebody else's."""
    try:
        tags = clients.get("cognito-idp").describe_user_pool(UserPoolId=pool)["UserPool"].get("UserPoolTags", {})
    except ClientError as error:
        if kind_of(error) is Kind.MISSING:
            return True
        if kind_of(error) is Kind.DENIED:
            return False
        raise
    return scope.owns(tags)


def certificate(clients: Clients, _: Scope, found: Found) -> Sweepable | None:
    """A certificate of ours that no state knows and nothing uses; None while something does."""
    acm = clients.get("acm")
    if acm.describe_certificate(CertificateArn=found.arn)["Certificate"].get("InUseBy"):
        return None
    return Sweepable("certificate", found.id, partial(acm.delete_certificate, CertificateArn=found.arn), names=frozenset({found.arn}))

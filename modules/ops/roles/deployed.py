"""What of the application roles is in the account, and where it differs from the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from modules.config.extras import AppRole
from modules.config.models import HubConfig
from modules.config.roles import role_name
from modules.iam import app
from modules.ops.aws_clients import Clients, pages
from modules.ops.failures.aws import doing, is_missing


@dataclass(frozen=True)
class Issuer:
    """Who vouches for the service accounts of a cluster: the IAM provider's ARN, and host and path of its issuer."""

    provider_arn: str
    name: str


@dataclass(frozen=True)
class Deployed:
    """One role as AWS has it. arn: "" when it is not there. differs: what is not as the file says, in words."""

    arn: str
    differs: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether it is there, just as the file says."""
        return bool(self.arn) and not self.differs


def deployed_roles(config: HubConfig, clients: Clients) -> dict[str, Deployed]:
    """Every role of the file, by its key. Raises HubError when AWS does not let us look."""
    with doing(f"look at the roles of {config.env}"):
        issuer = _issuer(config, clients)
        return {key: _deployed(config, key, clients.get("iam"), issuer) for key in config.roles}


def _issuer(config: HubConfig, clients: Clients) -> Issuer | None:
    """None while there is no cluster."""
    existing = config.cluster.existing
    if existing is not None:
        return Issuer(existing.oidc_provider_arn, existing.oidc_issuer)
    try:
        cluster = clients.get("eks").describe_cluster(name=config.cluster_name)["cluster"]
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    name = str(cluster["identity"]["oidc"]["issuer"]).removeprefix("https://")
    return Issuer(f"arn:{config.partition}:iam::{clients.account}:oidc-provider/{name}", name)


def _deployed(config: HubConfig, key: str, iam: Any, issuer: Issuer | None) -> Deployed:
    role, name = config.roles[key], role_name(config, key)
    try:
        found = iam.get_role(RoleName=name)["Role"]
    except ClientError as error:
        if is_missing(error):
            return Deployed("")
        raise
    attached = {each["PolicyArn"] for each in pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name)}
    inline = {each: _inline(iam, name, each) for each in pages(iam, "list_role_policies", "PolicyNames", RoleName=name)}
    said = (
        _trust(role, found["AssumeRolePolicyDocument"], issuer),
        _policy(app.role_policy(role, partition=config.partition), inline.pop(app.POLICY, None)),
        f"has further policies: {', '.join(sorted(inline))}" if inline else "",
        _attached(set(role.managed_policies), attached),
    )
    return Deployed(str(found["Arn"]), tuple(filter(None, said)))


def _inline(iam: Any, role: str, policy: str) -> Mapping[str, Any]:
    document: Mapping[str, Any] = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    return document


def _trust(role: AppRole, found: Mapping[str, Any], issuer: Issuer | None) -> str:
    if issuer is None:
        return "trusts the service accounts of a cluster that is gone"
    wanted = app.role_trust(role, provider_arn=issuer.provider_arn, issuer=issuer.name)
    return "" if same(wanted, found) else "trusts others than the file says"


def _policy(wanted: Mapping[str, Any] | None, found: Mapping[str, Any] | None) -> str:
    return "" if same(wanted, found) else "may do other things than the file says"


def _attached(wanted: set[str], found: set[str]) -> str:
    words = [f"lacks {arn}" for arn in sorted(wanted - found)] + [f"has {arn} besides" for arn in sorted(found - wanted)]
    return ", ".join(words)


def same(one: Any, other: Any) -> bool:
    """Whether two policy documents say the same: IAM gives lists back in any order, and a list of one as a text."""
    return bool(_ordered(one) == _ordered(other))


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _ordered(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        found = sorted((_ordered(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True))
        return found[0] if len(found) == 1 else found
    return value

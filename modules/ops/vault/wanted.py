"""Vault as this env wants it: every path that configure writes, with its body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modules.common import vault as refs
from modules.common.arn import dns_suffix, parse
from modules.common.servers import AUDIENCE, LOGIN
from modules.config.models import HubConfig
from modules.ops.vault import policies

#: AWS lets one role that assumes another have it for an hour at most, and Vault itself runs as a role,
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
HOUR_SECONDS = 3600
#: What a request that logs in by AWS carries and AWS has signed: one caught elsewhere is of no use here.
SERVER_ID_HEADER = "X-Vault-AWS-IAM-Server-ID"
_AUDIT = "file"
_POD, _NAMESPACE = "/kubernetes.io/pod/name", "/kubernetes.io/namespace"


@dataclass(frozen=True)
class Thing:
    """One path. called: what people call it. body: what has to be there."""

    path: str
    called: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Mount:
    """Something switched on below `path` (sys/auth/aws). kind: Vault's word. options: of an audit device. config: times in seconds."""

    path: str
    kind: str
    called: str
    options: Mapping[str, str] | None = None
    config: Mapping[str, int] | None = None


def server_id(config: HubConfig) -> str:
    """The name that a login by AWS must be signed for."""
    return f"vault.{config.deployment}"


def mounts() -> tuple[Mount, ...]:
    """The audit device first: what follows is then on record."""
    hour = {"default_lease_ttl": HOUR_SECONDS, "max_lease_ttl": HOUR_SECONDS}
    return (
        Mount(f"sys/audit/{_AUDIT}", "file", "audit device", options={"file_path": refs.AUDIT_FILE}),
        Mount("sys/auth/aws", "aws", "login by AWS roles"),
        Mount(f"sys/auth/{LOGIN}", "jwt", "login of notebooks by their pods"),
        Mount(f"sys/mounts/{refs.AWS_MOUNT}", "aws", "AWS engine", config=hour),
    )


def things(config: HubConfig, role_arns: Mapping[str, str], issuer: str) -> tuple[Thing, ...]:
    """What configure writes. role_arns: of hub.yaml's `roles`, by key. issuer: of the cluster's tokens, with https://."""
    return (
        Thing(f"sys/policies/acl/{policies.ADMIN_POLICY}", "policy of admins", {"policy": policies.admin_policy()}),
        *_shared(config),
        *_aws_login(config),
        Thing(f"auth/{LOGIN}/config", "issuer of notebooks' tokens", {"oidc_discovery_url": issuer, "bound_issuer": issuer}),
        Thing(f"{refs.AWS_MOUNT}/config/root", "region of the AWS engine", {"access_key": "", **_sts(config), "region": config.region}),
        *(_service(config, key, arn) for key, arn in sorted(role_arns.items())),
    )


def unwanted(config: HubConfig, role_arns: Mapping[str, str], login_roles: tuple[str, ...], acl: tuple[str, ...]) -> tuple[str, ...]:
    """Paths of ours that hub.yaml no longer asks for. login_roles, acl: the names Vault has."""
    kept = {policies.service_role(key) for key in role_arns}
    roles = [each for each in login_roles if each.endswith(policies.SERVICE_SUFFIX) and each not in kept]
    if not admins(config) and policies.ADMIN_ROLE in login_roles:
        roles.append(policies.ADMIN_ROLE)
    shared = [] if is_shared(config) or policies.SHARED_POLICY not in acl else [f"sys/policies/acl/{policies.SHARED_POLICY}"]
    return (*(f"auth/aws/role/{each}" for each in roles), *shared)


def admins(config: HubConfig) -> tuple[str, ...]:
    """The roles whose people run Vault, as a login by AWS shows them: without the path that IAM Identity Center gives its own."""
    given = {*config.cluster.admins, *([config.aws.deployer_role_arn] if config.aws.deployer_role_arn else [])}
    return tuple(sorted({_without_path(each) for each in given}))


def is_shared(config: HubConfig) -> bool:
    """Whether every pod reads every user's role, as the seed had it."""
    return config.vault is not None and config.vault.shared_user_policy


def hub_role(config: HubConfig, pod: str, policy: str) -> dict[str, Any]:
    """The login of one person's notebook: the cluster vouches for the pod's name, which only the hub gives."""
    return {
        "role_type": "jwt",
        "bound_audiences": [AUDIENCE],
        "bound_claims_type": "string",
        "bound_claims": {_POD: pod, _NAMESPACE: config.hub.namespace},
        "user_claim": _POD,
        "user_claim_json_pointer": True,
        **_token(policy),
    }


def _shared(config: HubConfig) -> tuple[Thing, ...]:
    if not is_shared(config):
        return ()
    return (Thing(f"sys/policies/acl/{policies.SHARED_POLICY}", "the seed's shared policy", {"policy": policies.shared_policy()}),)


def _aws_login(config: HubConfig) -> tuple[Thing, ...]:
    client = Thing("auth/aws/config/client", "replay guard of logins", {"iam_server_id_header_value": server_id(config), **_sts(config)})
    known = admins(config)
    if not known:
        return (client,)
    return (client, _login(policies.ADMIN_ROLE, "login of admins", known, policies.ADMIN_POLICY))


def _service(config: HubConfig, key: str, arn: str) -> Thing:
    policy = policies.SHARED_POLICY if is_shared(config) else ""
    return _login(policies.service_role(key), f"login of role {key}", (_without_path(arn),), policy)


def _login(name: str, called: str, principals: tuple[str, ...], policy: str) -> Thing:
    body = {"auth_type": "iam", "bound_iam_principal_arn": list(principals), **_token(policy)}
    # By name: resolving ARNs to IAM's own ids would need iam:GetRole in every account concerned.
    return Thing(f"auth/aws/role/{name}", called, {**body, "resolve_aws_unique_ids": False})


def _token(policy: str) -> dict[str, Any]:
    return {"token_policies": [policy] if policy else [], "token_ttl": HOUR_SECONDS, "token_max_ttl": HOUR_SECONDS}


def _sts(config: HubConfig) -> dict[str, str]:
    return {"sts_endpoint": f"https://{sts_host(config)}", "sts_region": config.region}


def sts_host(config: HubConfig) -> str:
    """Where the region's own STS answers; the global one knows only the commercial partition."""
    return f"sts.{config.region}.{dns_suffix(config.region)}"


def _without_path(arn: str) -> str:
    found = parse(arn)
    if not found.resource_type:
        return arn
    return f"arn:{found.partition}:iam::{found.account}:{found.resource_type}/{found.resource.rpartition('/')[2]}"

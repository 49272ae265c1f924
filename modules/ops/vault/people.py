"""A linked person: what is theirs in Vault, and what they have to allow in their own account."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from modules.common import vault as refs
from modules.common.arn import partition_of
from modules.common.errors import HubError
from modules.common.servers import LOGIN, pod_name
from modules.config.models import HubConfig
from modules.ops.users.addresses import is_address
from modules.ops.vault import policies
from modules.ops.vault.wanted import HOUR_SECONDS, Thing, hub_role
from modules.ops.vault.words import alike

_ROLE = re.compile(r"arn:(aws[a-z-]*):iam::\d{12}:role/(?:[\x21-\x7e]+/)?[\w+=,.@-]{1,64}")
#: What Vault takes in the name of a role; other signs of an e-mail address it refuses.
_VAULT_NAME = re.compile(r"\w(?:[\w.@-]*\w)?", re.ASCII)


@dataclass(frozen=True)
class Person:
    """email: in small letters, as the hub has it. hub_user: the name in the hub, which is the address unless the login says otherwise."""

    email: str
    hub_user: str

    @property
    def role(self) -> str:
        """The role of the AWS engine, and the policy, that are this person's."""
        return f"{refs.USER_ROLE_PREFIX}{self.email}"

    @property
    def pod(self) -> str:
        """The person's pod, after which the login is called too: a pod knows its own name."""
        return pod_name(self.hub_user)


def person(config: HubConfig, email: str, hub_user: str = "") -> Person:
    """Raises HubError for what is no e-mail address, or none of somebody who may enter the hub."""
    small = email.strip().lower()
    if not is_address(small):
        raise HubError(f'"{email[:60]}" is no e-mail address. Nothing was changed', fix="write it as ada@example.org")
    if not _VAULT_NAME.fullmatch(f"{refs.USER_ROLE_PREFIX}{small}"):
        raise HubError(
            f"{small} has a sign that Vault takes in no name (only letters, digits, and . _ - @). Nothing was changed",
            fix="link another address of the person, with --hub-user for the name in the hub",
        )
    if not hub_user:
        _check_enters(config, small)
    return Person(small, hub_user or small)


def check_role(config: HubConfig, arn: str, patterns: tuple[str, ...]) -> None:
    """Raises HubError for what is no role's ARN, of another partition, or a role that Vault's own policy does not cover."""
    found = _ROLE.fullmatch(arn)
    if found is None:
        raise HubError(f'"{arn[:120]}" is no ARN of a role. Nothing was changed', fix="write it as arn:aws:iam::123456789012:role/name")
    partition = partition_of(config.region)
    if found[1] != partition:
        raise HubError(
            f"{arn} is in partition {found[1]}, the env in {partition}, and no role reaches across", fix=f"name a role of {partition}"
        )
    if not refs.may_assume(patterns, arn):
        raise HubError(
            f"Vault may not assume {arn}: it may only assume {', '.join(patterns)}. Nothing was changed",
            fix=f"give the role such a name, or add it to vault.user_roles in envs/{config.env}/hub.yaml and run ./install.sh {config.env}",
        )


def external_id(config: HubConfig, who: Person) -> str:
    """What Vault says when it becomes this person's role, and for nobody else's sake: no secret, but it cannot be made to say another."""
    return f"{config.deployment}/{who.email}"


def trust_policy(config: HubConfig, who: Person, vault_role: str) -> dict[str, Any]:
    """What the person adds to the role in their own account."""
    statement = {
        "Sid": "HubsmithVault",
        "Effect": "Allow",
        "Principal": {"AWS": vault_role},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": external_id(config, who)}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def belongings(config: HubConfig, who: Person, role_arn: str) -> tuple[Thing, ...]:
    """What is written for a person: first the role, last the way in."""
    role = {
        "credential_type": "assumed_role",
        "role_arns": [role_arn],
        "external_id": external_id(config, who),
        "default_sts_ttl": HOUR_SECONDS,
        "max_sts_ttl": HOUR_SECONDS,
    }
    return (
        Thing(role_path(who), "role", role),
        Thing(policy_path(who), "policy", {"policy": policies.user_policy(who.role)}),
        Thing(login_path(who.pod), "login", hub_role(config, who.pod, who.role)),
    )


def role_path(who: Person) -> str:
    """Where the AWS engine keeps the role."""
    return f"{refs.AWS_MOUNT}/roles/{who.role}"


def policy_path(who: Person) -> str:
    """Where the policy is."""
    return f"sys/policies/acl/{who.role}"


def login_path(pod: str) -> str:
    """Where the login of a pod is."""
    return f"auth/{LOGIN}/role/{pod}"


def credentials_path(who: Person) -> str:
    """What a pod reads."""
    return f"{refs.AWS_MOUNT}/sts/{who.role}"


def shown(policy: dict[str, Any]) -> list[str]:
    """A policy, line by line."""
    return json.dumps(policy, indent=2).splitlines()


def _check_enters(config: HubConfig, email: str) -> None:
    """Where hub.yaml lists everybody by address, somebody else is most likely a slip of the pen."""
    known = {each.lower() for each in (*config.auth.admins, *config.auth.allowed)}
    if config.auth.kind != "auth0" or not known or email in known:
        return
    raise HubError(
        f"{email} is not among auth.allowed or auth.admins of {config.env}{alike(email, sorted(known))} Nothing was changed",
        fix=f"correct the address, or add it in envs/{config.env}/hub.yaml first",
    )

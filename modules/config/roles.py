"""Application roles by service account: what a role is called, whose it is, and which accounts are made for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Protocol

from modules.common import ray


class Role(Protocol):
    """What is read of modules.config.extras.AppRole."""

    @property
    def name(self) -> str | None: ...
    @property
    def service_accounts(self) -> Sequence[str]: ...


class InNamespace(Protocol):
    """A part of the hub with a namespace of its own."""

    @property
    def namespace(self) -> str: ...


class Env(Protocol):
    """What is read of modules.config.models.HubConfig."""

    @property
    def cluster_name(self) -> str: ...
    @property
    def roles(self) -> Mapping[str, Role]: ...
    @property
    def hub(self) -> InNamespace: ...
    @property
    def ray(self) -> Mapping[str, InNamespace]: ...


def role_name(config: Env, key: str) -> str:
    """The IAM name of the role `key` of the config."""
    return config.roles[key].name or f"{config.cluster_name}_{key}"


def is_pattern(account: str) -> bool:
    """Whether `namespace:name` stands for more than one account."""
    return "*" in account


def ray_accounts(config: Env) -> tuple[str, ...]:
    """`namespace:name` of the account that each Ray cluster's chart makes."""
    return tuple(f"{cluster.namespace}:{ray.account(name)}" for name, cluster in config.ray.items())


def role_of(config: Env, account: str) -> str | None:
    """The key of the role that `account` (`namespace:name`) is annotated with: the one that names it, else the first whose
    pattern it matches, else None."""
    for key, role in config.roles.items():
        if account in role.service_accounts:
            return key
    for key, role in config.roles.items():
        if any(is_pattern(pattern) and fnmatchcase(account, pattern) for pattern in role.service_accounts):
            return key
    return None


def accounts(config: Env) -> dict[str, str]:
    """Each account with a role that this env knows by its whole name, and the role's key: those listed exactly, and those of
    Ray clusters that a pattern stands for."""
    exact = [account for role in config.roles.values() for account in role.service_accounts if not is_pattern(account)]
    found = {account: role_of(config, account) for account in dict.fromkeys((*exact, *ray_accounts(config)))}
    return {account: key for account, key in found.items() if key is not None}


def accounts_in(config: Env, namespace: str) -> tuple[str, ...]:
    """Names of the accounts in `namespace` that have a role and that no chart makes."""
    made = set(ray_accounts(config))
    return tuple(sorted(account.partition(":")[2] for account in accounts(config) if account not in made and _in(account, namespace)))


def _in(account: str, namespace: str) -> bool:
    return account.partition(":")[0] == namespace

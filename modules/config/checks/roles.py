"""Application roles: each has a name of its own, may do something, and is for accounts that somebody makes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from modules.common import names
from modules.config.checks._check import SYSTEM_NAMESPACES, Finding, reads
from modules.config.extras import AppRole
from modules.config.models import HubConfig
from modules.config.problems import Path
from modules.config.roles import is_pattern, ray_accounts, role_name

#: Accounts of the hub's namespace that the JupyterHub chart makes (templates of z2jh 4.4.0), ours of users' servers
#: (modules/k8s/jupyterhub/refs.py), and the one that Kubernetes makes in every namespace.
_TAKEN = frozenset(
    {
        "default",
        "single-user",
        "hub",
        "autohttps",
        "user-scheduler",
        "hook-image-awaiter",
        "hook-image-puller",
        "continuous-image-puller",
    }
)


@reads("name", "cluster", "roles", "hub", "ray")
def role_names(config: HubConfig, _: date) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for key in config.roles:
        name = role_name(config, key)
        if len(name) > names.ROLE_NAME_MAX:
            yield (
                ("roles", key),
                f'gives the role name "{name}" of {len(name)} characters; IAM takes {names.ROLE_NAME_MAX}. Shorten it with name:.',
            )
        if name.startswith(f"{config.name}-"):
            yield ("roles", key, "name"), f'"{name}" begins as the roles of the hub itself do ({config.name}-…). Write another.'
        if name.lower() in seen:
            yield ("roles", key, "name"), f'"{name}" is the name of roles.{seen[name.lower()]} too. Write another.'
        seen[name.lower()] = key


@reads("name", "cluster", "roles", "hub", "ray")
def role_accounts(config: HubConfig, _: date) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for key, role in config.roles.items():
        for index, account in enumerate(role.service_accounts):
            path = ("roles", key, "service_accounts", index)
            if account in seen:
                yield path, f'"{account}" has the role of roles.{seen[account]} already, and an account has one. Keep one.'
                continue
            seen[account] = key
            yield from _account(config, path, account, role)


def _account(config: HubConfig, path: Path, account: str, role: AppRole) -> Iterator[Finding]:
    namespace, _, name = account.partition(":")
    if namespace in SYSTEM_NAMESPACES - {"default"}:
        yield path, f'"{namespace}" belongs to Kubernetes. Name an account of another namespace.'
    elif is_pattern(account):
        if not role.allow_patterns:
            yield path, f'"{account}" holds a *, so any matching pod could take the role. Name it exactly, or say allow_patterns: true.'
    elif account in ray_accounts(config):
        return
    elif namespace not in _made_in(config):
        made = ", ".join(f"{each}:<name>" for each in _made_in(config))
        yield path, f'"{account}" is an account that nobody makes. Name one of {", ".join((made, *ray_accounts(config)))}.'
    elif name in _TAKEN:
        yield path, f'"{account}" is made by somebody else, without this role. Name another, such as {namespace}:{name}-data.'


def _made_in(config: HubConfig) -> tuple[str, ...]:
    """Namespaces in which an account is made for every name: stack hub's, and stack platform's, which an existing cluster lacks."""
    return (config.hub.namespace,) if config.cluster.existing else (config.hub.namespace, "default")


@reads("roles")
def role_policies(config: HubConfig, _: date) -> Iterator[Finding]:
    for key, role in config.roles.items():
        if not (role.buckets or role.statements or role.managed_policies):
            yield ("roles", key), "may do nothing. Give it buckets, statements or managed_policies."
        for index, grant in enumerate(role.buckets):
            strange = [letter for letter in "*?$" if letter in grant.prefix]
            if strange:
                yield (
                    ("roles", key, "buckets", index, "prefix"),
                    f'"{grant.prefix}" holds {strange[0]}, which is no plain letter to IAM. Write a plain prefix; all below it is meant.',
                )
        yield from _statements(key, role.statements)


def _statements(key: str, statements: tuple[dict[str, object], ...]) -> Iterator[Finding]:
    for index, statement in enumerate(statements):
        path = ("roles", key, "statements", index)
        if statement.get("Effect") not in {"Allow", "Deny"}:
            yield path, "needs Effect: Allow or Deny."
        for either in (("Action", "NotAction"), ("Resource", "NotResource")):
            if sum(word in statement for word in either) != 1:
                yield path, f"needs {either[0]} (or {either[1]}), once."
        unknown = sorted(set(statement) - {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"})
        if unknown:
            yield path, f"holds {', '.join(unknown)}, which IAM does not know. Keys start with a capital, such as Action."


@reads("roles", "hub")
def servers_account(config: HubConfig, _: date) -> Iterator[Finding]:
    settings = config.hub.singleuser
    name, path = settings.service_account, ("hub", "singleuser", "service_account")
    if name is None:
        return
    account = f"{config.hub.namespace}:{name}"
    if not any(account in role.service_accounts for role in config.roles.values()):
        yield path, f'"{name}" is an account that nobody makes. Add {account} to the service_accounts of a role, or remove the line.'
    if settings.namespace_role:
        yield (
            path,
            f'makes servers run as "{name}", so the hub\'s own single-user role would reach nobody. Say namespace_role: false, and give '
            "the account's role the buckets it needs.",
        )


CHECKS = (role_names, role_accounts, role_policies, servers_account)

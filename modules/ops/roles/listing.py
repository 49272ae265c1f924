"""./hub roles: who may become which role, and what the role may do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from modules.common.errors import HubError
from modules.config.extras import AppRole, BucketGrant
from modules.config.models import HubConfig
from modules.config.roles import is_pattern, ray_accounts, role_name
from modules.ops.aws_clients import Clients
from modules.ops.roles.deployed import Deployed, deployed_roles
from modules.ops.say import marked, out
from modules.ops.target import resolve_target, running_rehearsal


def roles(root: Path, config: HubConfig, *, check: bool, as_json: bool) -> int:
    """Print each role of the file and how it is in the account. Exit 0; with `check` 1 when one is missing or differs.

    An account that cannot be asked is a note, but an error with `check`. Raises HubError.
    """
    found, note = _look(root, config, must=check)
    code = 1 if check and not all(each.is_right for each in found.values()) else 0
    if as_json:
        rows = [_row(config, key, found.get(key)) for key in config.roles]
        out(json.dumps({"env": config.env, "command": "roles", "exit": code, "roles": rows, "note": note or None}))
        return code
    for line in _lines(config, found):
        out(line)
    if note:
        out(f"  the account was not looked at: {note}")
    if code:
        out(f"  ./install.sh {config.env} makes them as the file says")
    return code


def _look(root: Path, config: HubConfig, *, must: bool) -> tuple[dict[str, Deployed], str]:
    """The roles in the account, or why nobody looked."""
    if not config.roles:
        return {}, ""
    try:
        if config.rehearsal and not running_rehearsal(root, config):
            raise HubError(f"the rehearsal of {config.env} does not run", fix=f"./install.sh {config.env}")
        return deployed_roles(config, Clients(resolve_target(root, config).session, config.region)), ""
    except HubError as error:
        if must:
            raise
        return {}, error.what


def _row(config: HubConfig, key: str, found: Deployed | None) -> dict[str, Any]:
    role = config.roles[key]
    return {
        "key": key,
        "name": role_name(config, key),
        "service_accounts": [{"account": each, "pattern": is_pattern(each), "what": _what(config, each)} for each in role.service_accounts],
        "buckets": [{"access": each.access, "uri": _uri(each)} for each in role.buckets],
        "statements": len(role.statements),
        "managed_policies": list(role.managed_policies),
        "arn": (found.arn or None) if found else None,
        # null: nobody looked.
        "exists": bool(found.arn) if found else None,
        "differs": list(found.differs) if found else None,
    }


def _lines(config: HubConfig, found: Mapping[str, Deployed]) -> Iterator[str]:
    if not config.roles:
        yield f"{config.env}: no roles. Section `roles` of envs/{config.env}/hub.yaml gives service accounts one (docs/config.md)"
        return
    yield f"{config.env}: {_count(len(config.roles), 'role')}"
    for key, role in config.roles.items():
        yield f"  {role_name(config, key)}  (roles.{key})"
        yield from _part("for", [_who(config, each) for each in role.service_accounts])
        yield from _part("may", list(_may(role)))
        if key in found:
            yield from _part("in AWS", _standing(found[key]))


def _part(name: str, cells: list[str]) -> Iterator[str]:
    for index, cell in enumerate(cells):
        yield f"    {'' if index else name:<7}{cell}"


def _who(config: HubConfig, account: str) -> str:
    what = _what(config, account)
    return marked("bad", f"{account}  {what}") if is_pattern(account) else f"{account}{f'  {what}' if what else ''}"


def _what(config: HubConfig, account: str) -> str:
    """What runs as it, as far as the file says."""
    if is_pattern(account):
        return "a pattern: every account that matches"
    if account == f"{config.hub.namespace}:{config.hub.singleuser.service_account}":
        return "users' servers"
    known = dict(zip(ray_accounts(config), config.ray, strict=True))
    return f"Ray cluster {known[account]}" if account in known else ""


def _may(role: AppRole) -> Iterator[str]:
    for grant in role.buckets:
        yield f"{grant.access:<5} {_uri(grant)}"
    if role.statements:
        yield f"{_count(len(role.statements), 'statement')} of the file"
    yield from role.managed_policies


def _uri(grant: BucketGrant) -> str:
    path = grant.prefix.strip("/")
    return f"s3://{grant.name}/{path}/" if path else f"s3://{grant.name}/"


def _standing(found: Deployed) -> list[str]:
    if not found.arn:
        return [marked("warn", "not there yet")]
    return [found.arn, *(marked("bad", each) for each in found.differs)]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

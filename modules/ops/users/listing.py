"""./hub users list: everybody in the pool, with the name each gets in the hub."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from modules.config.models import HubConfig
from modules.ops.say import out
from modules.ops.users.people import INVITED, User, enters, factors, invited_until, is_admin, standing
from modules.ops.users.pool import Pool, open_pool
from modules.ops.users.words import count, day, finish, stamp, table

_HEAD = ("hub name", "name", "status", "groups", "mfa", "created", "changed")


def list_users(root: Path, config: HubConfig, *, as_json: bool) -> int:
    """Print one line a person, admins of hub.yaml marked. Exit 0, also for an empty pool."""
    pool, now = open_pool(root, config), datetime.now(UTC)
    users = pool.users()
    groups, seconds = _groups_by_user(pool), pool.second_factors(users)
    rows = [_row(pool, each, groups.get(each.id, []), seconds.get(each.id), now) for each in users]
    if as_json:
        return finish(config, "list", {"pool": pool.id, "users": rows})
    out(f"{config.env}: {_headline(users)}")
    if rows:
        for line in table([_HEAD, *(_cells(row, each) for row, each in zip(rows, users, strict=True))]):
            out(line)
    else:
        out(f"  nobody yet. ./hub users add {config.env} <e-mail> invites somebody")
    for note in _notes(pool, users):
        out(f"  {note}")
    return 0


def _groups_by_user(pool: Pool) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for group in pool.groups():
        for id in pool.members(group):
            found.setdefault(id, []).append(group)
    return found


def _row(pool: Pool, user: User, groups: list[str], seconds: list[str] | None, now: datetime) -> dict[str, Any]:
    days = pool.temporary_days
    return {
        "hub_name": user.hub_name,
        "email": user.email,
        "email_verified": user.verified,
        "name": user.name,
        "id": user.id,
        "admin": is_admin(pool.login, user),
        "enters": user.enabled and user.verified and enters(pool.login, user.email),
        "status": standing(user, days, now),
        "state": user.state,
        "enabled": user.enabled,
        "invited_until": stamp(invited_until(user, days)),
        "groups": groups,
        # null: the pool has none, so nobody was asked.
        "mfa": seconds,
        "created": stamp(user.created),
        "changed": stamp(user.changed),
    }


def _cells(row: Mapping[str, Any], user: User) -> tuple[str, ...]:
    name = f"{row['hub_name']}{' (admin)' if row['admin'] else ''}"
    mfa = "off" if row["mfa"] is None else factors(row["mfa"])
    return (name, user.name or "-", row["status"], ", ".join(row["groups"]) or "-", mfa, day(user.created), day(user.changed))


def _headline(users: tuple[User, ...]) -> str:
    kinds = Counter("disabled" if not each.enabled else "invited" if each.state == INVITED else "" for each in users)
    parts = [f"{kinds[kind]} {kind}" for kind in ("invited", "disabled") if kinds[kind]]
    return " · ".join([count(len(users), "user"), *parts])


def _notes(pool: Pool, users: tuple[User, ...]) -> list[str]:
    """What a reader would not guess from the table."""
    file = f"envs/{pool.config.env}/hub.yaml"
    outside = [each.hub_name for each in users if not enters(pool.login, each.email)]
    known = {each.hub_name for each in users}
    absent = [name for name in pool.login.admins if name.lower() not in known]
    notes = []
    if outside:
        notes.append(f"in the pool, but not let in (auth.allowed in {file}): {', '.join(outside)}")
    if absent:
        notes.append(f"admins in {file} who are not in the pool: {', '.join(absent)}")
    return notes

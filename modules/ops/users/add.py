"""./hub users add: inviting people by mail. Everything that can be checked is checked before the first of them is made."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.say import err, out
from modules.ops.users.addresses import read_addresses
from modules.ops.users.group_names import check_made, check_named
from modules.ops.users.invitation import make, put_into
from modules.ops.users.people import User, enters, invited_until, standing
from modules.ops.users.pool import Pool, login_of, open_pool
from modules.ops.users.words import count, day, finish, one_line, stamp

#: Cognito's own sender, https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
_MAILS_A_DAY = 50


@dataclass(frozen=True)
class Wish:
    """addresses: as typed, "-" for standard input. mail: whether Cognito sends the invitation."""

    addresses: tuple[str, ...]
    groups: tuple[str, ...] = ()
    name: str = ""
    mail: bool = True
    dry_run: bool = False


@dataclass
class Outcome:
    """What became of each address."""

    added: list[str] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    until: datetime | None = None
    failure: HubError | None = None


def add(root: Path, config: HubConfig, wish: Wish, *, as_json: bool) -> int:
    """Invite people and put them into groups. Exit 0, or 1 when AWS refused one: those made stay, the rest is named.

    Who is in the pool already is left alone. Raises HubError, before anything is made, for a bad address, an unknown group, and
    when everybody is there already.
    """
    login = login_of(config)
    addresses = read_addresses(wish.addresses, sys.stdin)
    if wish.name and len(addresses) > 1:
        raise HubError(f"--name is one person's, and there are {len(addresses)} addresses", fix="invite that person alone")
    check_named(config.env, login, wish.groups)
    pool = open_pool(root, config)
    check_made(config.env, pool.groups() if wish.groups else (), wish.groups)
    present = {each.hub_name: each for each in pool.users()}
    there = [each for each in addresses if each in present]
    if len(there) == len(addresses):
        raise _all_there(pool, [present[each] for each in there])
    new = [each for each in addresses if each not in present]
    outcome = Outcome(left=new, there=there) if wish.dry_run else _invite(pool, wish, new, there, quiet=as_json)
    return _end(pool, wish, outcome, as_json=as_json)


def _invite(pool: Pool, wish: Wish, new: Sequence[str], there: list[str], *, quiet: bool) -> Outcome:
    """One after the other; the first refusal ends it, because the next would most likely get the same."""
    outcome = Outcome(left=list(new), there=there)
    try:
        while outcome.left:
            email = outcome.left[0]
            user = make(pool, email, name=wish.name, mail=wish.mail)
            outcome.left.pop(0)
            if user is None:
                outcome.there.append(email)
                continue
            outcome.added.append(email)
            outcome.until = invited_until(user, pool.temporary_days)
            put_into(pool, user, wish.groups)
            if not quiet:
                out(f"{email}: {'invited' if wish.mail else 'made, no mail was sent'}{_into(wish.groups)}")
    except HubError as error:
        outcome.failure = error
    return outcome


def _end(pool: Pool, wish: Wish, outcome: Outcome, *, as_json: bool) -> int:
    code = 1 if outcome.failure else 0
    if outcome.failure:
        err(str(outcome.failure))
    if as_json:
        return finish(pool.config, "add", _object(wish, outcome), code=code)
    for line in _lines(pool, wish, outcome):
        out(line)
    return code


def _object(wish: Wish, outcome: Outcome) -> dict[str, Any]:
    return {
        "dry_run": wish.dry_run,
        "added": outcome.added,
        "existed": outcome.there,
        "left": outcome.left,
        "groups": list(wish.groups),
        "mailed": wish.mail and not wish.dry_run,
        "invited_until": stamp(outcome.until),
        "error": one_line(outcome.failure) if outcome.failure else None,
    }


def _lines(pool: Pool, wish: Wish, outcome: Outcome) -> list[str]:
    env, lines = pool.config.env, []
    if wish.dry_run:
        people = "1 person" if len(outcome.left) == 1 else f"{len(outcome.left)} people"
        lines.append(f"{env}: would invite {people}{_into(wish.groups)}; nothing was changed")
        lines += [f"  {each}" for each in outcome.left]
    elif len(outcome.added) + len(outcome.left) + len(outcome.there) > 1:
        lines.append(f"{env}: {len(outcome.added)} added · {len(outcome.there)} there already · {len(outcome.left)} left")
    if outcome.there:
        lines.append(f"  in the pool already, left as they are: {', '.join(outcome.there)}")
    if outcome.failure and outcome.left:
        lines.append(f"  not invited: {', '.join(outcome.left)}")
    return [*lines, *_what_follows(pool, wish, outcome)]


def _what_follows(pool: Pool, wish: Wish, outcome: Outcome) -> list[str]:
    """What the people get, and what still keeps them out."""
    people = outcome.left if wish.dry_run else outcome.added
    if not people:
        return []
    env = pool.config.env
    if wish.mail:
        good = f"until {day(outcome.until)}" if outcome.until else f"for {count(pool.temporary_days, 'day')}"
        lines = [
            f'  mail "{pool.login.invite_subject}": the user name and a temporary password, good {good}; the first login asks for a new one'
        ]
    else:
        lines = [f"  nobody knows the password: ./hub users reset {env} <e-mail> sends the invitation"]
    lines.append(f"  login at {pool.config.hub_url}; the name in the hub is the e-mail address")
    if wish.mail and len(people) > _MAILS_A_DAY:
        lines.append(f"  Cognito's own sender sends {_MAILS_A_DAY} mails a day; run the same command again tomorrow for the rest")
    outside = [each for each in people if not enters(pool.login, each)]
    if outside:
        lines.append(f"  not let in yet: add to auth.allowed in envs/{env}/hub.yaml: {', '.join(outside)}")
    return lines


def _into(groups: Sequence[str]) -> str:
    return f" into {', '.join(groups)}" if groups else ""


def _all_there(pool: Pool, users: Sequence[User]) -> HubError:
    env = pool.config.env
    if len(users) > 1:
        return HubError(f"all {len(users)} are users of {env} already. Nothing was changed", fix=f"./hub users list {env} shows them")
    name, state = users[0].hub_name, standing(users[0], pool.temporary_days, datetime.now(UTC))
    again = "enable" if not users[0].enabled else "reset"
    return HubError(
        f"{name} is a user of {env} already ({state}). Nothing was changed",
        fix=f"./hub users {again} {env} {name} {'lets them in again' if again == 'enable' else 'sends a new invitation or code'}",
    )

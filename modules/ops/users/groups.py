"""./hub users groups: the groups of a pool and who is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.failures.aws import doing
from modules.ops.say import out
from modules.ops.users.group_names import check_made, check_named
from modules.ops.users.pool import Pool, login_of, open_pool
from modules.ops.users.words import finish

#: A login carries the groups it was made with until its tokens are made anew (modules/aws/cognito.py: 60 minutes).
_WHEN = "it counts from their next login, or within the hour"


def list_groups(root: Path, config: HubConfig, *, as_json: bool) -> int:
    """Print each group, who is in it and which profiles ask for it. Exit 0."""
    pool = open_pool(root, config)
    made = pool.groups()
    names = {each.id: each.hub_name for each in pool.users()}
    found = {group: sorted(names.get(id, id) for id in pool.members(group)) for group in made}
    profiles = {group: [each.name for each in config.hub.profiles if group in each.groups] for group in {*made, *pool.login.groups}}
    if as_json:
        rows = [
            {
                "name": each,
                "installed": each in made,
                "in_config": each in pool.login.groups,
                "users": found.get(each, []),
                "profiles": profiles[each],
            }
            for each in sorted(profiles)
        ]
        return finish(config, "groups", {"groups": rows})
    for line in _lines(pool, found, profiles):
        out(line)
    return 0


def join(root: Path, config: HubConfig, name: str, group: str, *, as_json: bool) -> int:
    """Put a person into a group. Exit 0, also for who is in it. Raises HubError for an unknown person or group."""
    return _set(root, config, name, group, member=True, as_json=as_json)


def leave(root: Path, config: HubConfig, name: str, group: str, *, as_json: bool) -> int:
    """Take a person out of a group. Exit 0, also for who is not in it. Raises HubError for an unknown person or group."""
    return _set(root, config, name, group, member=False, as_json=as_json)


def _set(root: Path, config: HubConfig, name: str, group: str, *, member: bool, as_json: bool) -> int:
    # Before AWS is asked for anything: a slip of the pen needs no credentials.
    check_named(config.env, login_of(config), [group])
    pool = open_pool(root, config)
    check_made(config.env, pool.groups(), [group])
    user = pool.user(name)
    already = (user.id in pool.members(group)) is member
    verb = "add" if member else "remove"
    if not already:
        with doing(f"{verb} {user.hub_name} {'to' if member else 'from'} {group}"):
            call = pool.client.admin_add_user_to_group if member else pool.client.admin_remove_user_from_group
            call(UserPoolId=pool.id, Username=user.id, GroupName=group)
    if as_json:
        return finish(config, f"groups {verb}", {"user": user.hub_name, "group": group, "changed": not already})
    state = "in" if member else "not in"
    out(f"{user.hub_name}: {f'{state} {group} already; nothing was changed' if already else f'{state} {group} now; {_WHEN}'}")
    return 0


def _lines(pool: Pool, found: Mapping[str, Sequence[str]], profiles: Mapping[str, Sequence[str]]) -> list[str]:
    env = pool.config.env
    if not profiles:
        return [f"{env} has no groups. auth.groups in envs/{env}/hub.yaml names them"]
    lines = []
    for group in sorted(profiles):
        opens = f"   opens {', '.join(profiles[group])}" if profiles[group] else ""
        lines.append(f"{group}{opens}{_oddity(pool, group, group in found)}")
        lines += [f"  {name}" for name in found.get(group, ())] or ["  nobody"]
    return lines


def _oddity(pool: Pool, group: str, made: bool) -> str:
    if not made:
        return f"   not made yet: ./install.sh {pool.config.env}"
    return "" if group in pool.login.groups else "   not in hub.yaml, made by hand"


def chosen(words: Sequence[str]) -> tuple[str, str, str]:
    """What follows `groups ENV`: nothing or `list`, or `add|remove USER GROUP`. Raises HubError for anything else."""
    if list(words) in ([], ["list"]):
        return "list", "", ""
    if len(words) == 3 and words[0] in ("add", "remove"):
        return words[0], words[1], words[2]
    raise HubError(
        f'cannot read "groups {" ".join(words)}"', fix="./hub users groups ENV [list], or ./hub users groups ENV add|remove USER GROUP"
    )

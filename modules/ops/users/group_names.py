"""Which groups an env has: hub.yaml names them, installing makes them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches

from modules.common.errors import HubError
from modules.config.auth import CognitoAuth


def check_named(env: str, login: CognitoAuth, wanted: Sequence[str]) -> None:
    """Raises HubError for a group that hub.yaml does not name; one made by hand would be no one's in a review."""
    for group in wanted:
        if group in login.groups:
            continue
        close = get_close_matches(group, login.groups, n=1, cutoff=0.6)
        hint = f'; did you mean "{close[0]}"?' if close else "."
        known = f"Groups: {', '.join(login.groups)}" if login.groups else "It has none"
        raise HubError(
            f'{env} has no group "{group}"{hint} {known}. Nothing was changed',
            where=f"envs/{env}/hub.yaml: auth.groups",
            fix=f"add it there and run ./install.sh {env}, or name another",
        )


def check_made(env: str, made: Collection[str], wanted: Sequence[str]) -> None:
    """Raises HubError for groups that hub.yaml names and the pool does not have yet."""
    missing = [group for group in wanted if group not in made]
    if missing:
        raise HubError(
            f"not in the user pool of {env} yet: {', '.join(missing)}. Nothing was changed",
            fix=f"./install.sh {env} makes what hub.yaml names",
        )

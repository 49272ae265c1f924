"""Which profiles a user may choose: those for everybody, those of the user's groups, and for admins all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

Profile = Mapping[str, Any]


def visible(profiles: Sequence[Profile], *, groups: Collection[str], admin: bool) -> list[dict[str, Any]]:
    """The profiles for one user, in their order, without our key `groups` (KubeSpawner does not know it)."""
    mine = set(groups)
    return [
        {key: value for key, value in profile.items() if key != "groups"}
        for profile in profiles
        if admin or not profile.get("groups") or mine & set(profile["groups"])
    ]


def by_user(profiles: Sequence[Profile]) -> Callable[[Any], list[dict[str, Any]]]:
    """What KubeSpawner asks when it shows the spawn page, and again when a choice is sent: hiding a profile refuses it too."""

    def for_spawner(spawner: Any) -> list[dict[str, Any]]:
        groups = {group.name for group in spawner.user.groups}
        found = visible(profiles, groups=groups, admin=bool(spawner.user.admin))
        if not found:
            # An empty list would mean a server without any profile, on whatever node takes it.
            from . import pages
            from .refusals import refusal

            raise refusal(pages.no_profile())
        return found

    return for_spawner

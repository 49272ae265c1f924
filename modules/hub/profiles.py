"""Which profiles a user may choose: those for everybody, those of the user's groups, and for admins all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

Profile = Mapping[str, Any]
#: Keys of ours, which KubeSpawner does not know.
_OURS = ("groups", "adds")
#: What tells two members of a list apart, by the trait that holds it: Kubernetes refuses a pod that has one twice.
_IDENTITY = {"volumes": "name", "volume_mounts": "mountPath"}


def visible(profiles: Sequence[Profile], *, groups: Collection[str], admin: bool) -> list[dict[str, Any]]:
    """The profiles for one user, in their order, as KubeSpawner takes them."""
    mine = set(groups)
    return [_entry(profile) for profile in profiles if admin or not profile.get("groups") or mine & set(profile["groups"])]


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


def _entry(profile: Profile) -> dict[str, Any]:
    """The profile without our keys; `adds` becomes overrides that KubeSpawner calls when a server starts."""
    entry = {key: value for key, value in profile.items() if key not in _OURS}
    if adds := profile.get("adds"):
        more = {trait: _adding(trait, things) for trait, things in adds.items()}
        entry["kubespawner_override"] = {**entry.get("kubespawner_override", {}), **more}
    return entry


def _adding(trait: str, things: Sequence[Mapping[str, Any]]) -> Callable[[Any], list[Mapping[str, Any]]]:
    """An override that adds: a plain list would replace the user's home, and a mapping is merged only where the chart wrote one."""
    identity = _IDENTITY[trait]
    new = {thing[identity] for thing in things}

    def grown(spawner: Any) -> list[Mapping[str, Any]]:
        there = getattr(spawner, trait)
        listed = [there[key] for key in sorted(there)] if isinstance(there, Mapping) else there
        return [*(each for each in listed if each[identity] not in new), *things]

    return grown

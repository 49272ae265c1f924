"""AWS's service authorization reference, as parliament carries it: which resources and conditions each action knows."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import parliament

_TAG = re.compile(r"^aws:(ResourceTag|RequestTag)/.*")


@dataclass(frozen=True)
class Resource:
    """One kind of resource that an action works on. `arn` is a pattern; "*" where AWS checks none."""

    kind: str
    arn: str
    required: bool
    keys: frozenset[str]

    def matched_by(self, patterns: list[str]) -> bool:
        """Whether one of a statement's resources can be of this kind."""
        return any(pattern == "*" or (self.arn != "*" and parliament.is_arn_match(self.kind, self.arn, pattern)) for pattern in patterns)


@dataclass(frozen=True)
class Action:
    """One action: what it works on, and the condition keys that hold whatever it works on."""

    name: str
    level: str
    resources: tuple[Resource, ...]
    keys: frozenset[str]

    def knows(self, key: str, patterns: list[str]) -> bool:
        """Whether a condition on `key` can ever be met by this action on one of those resources."""
        key = _TAG.sub(r"aws:\1/*", key)
        return key in self.keys or any(key in resource.keys for resource in self.resources if resource.matched_by(patterns))


@cache
def _services() -> dict[str, dict[str, Any]]:
    return {service["prefix"]: service for service in parliament.iam_definition}


def _keys(names: list[str]) -> frozenset[str]:
    return frozenset(re.sub(r"\$\{[^}]+\}|tag-key$", "*", name) for name in names)


@cache
def action(name: str) -> Action | None:
    """The action `service:Name`; None when AWS has none of that name."""
    prefix, _, short = name.partition(":")
    service = _services().get(prefix, {"privileges": [], "resources": []})
    for privilege in service["privileges"]:
        if privilege["privilege"] == short:
            shapes = {shape["resource"]: shape for shape in service["resources"]}
            kinds = [entry for entry in privilege["resource_types"] if entry["resource_type"]]
            free = [key for entry in privilege["resource_types"] if not entry["resource_type"] for key in entry["condition_keys"]]
            resources = tuple(_resource(entry, shapes) for entry in kinds) or (Resource("", "*", True, frozenset()),)
            return Action(name, privilege["access_level"], resources, _keys(free))
    return None


def _resource(entry: dict[str, Any], shapes: dict[str, dict[str, Any]]) -> Resource:
    kind = entry["resource_type"].rstrip("*")
    shape = shapes[kind]
    arn = re.sub(r"\$\{[^}]+\}", "*", shape["arn"])
    return Resource(kind, arn, entry["resource_type"].endswith("*"), _keys([*entry["condition_keys"], *shape["condition_keys"]]))

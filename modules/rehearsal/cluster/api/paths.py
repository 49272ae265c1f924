"""What a path names: a resource, in a namespace or in all, one object or the list, or a part of one object."""

from __future__ import annotations

from dataclasses import dataclass

from modules.rehearsal.cluster.api.answers import ApiError
from modules.rehearsal.cluster.api.kinds import Resource, resources
from modules.rehearsal.cluster.world import Key, World

#: Parts of a Namespace itself; any other word after its name is a resource inside.
_OF_A_NAMESPACE = ("status", "finalize")
_NOWHERE = "the server could not find the requested resource"


@dataclass(frozen=True)
class Target:
    """namespace: "" for all, or for what is in none. name: "" for the list. part: "scale", "status", "log" or ""."""

    resource: Resource
    namespace: str = ""
    name: str = ""
    part: str = ""

    @property
    def key(self) -> Key:
        """The object's key in its World."""
        return Key(self.resource.kind, self.namespace, self.name)

    def error(self, code: int, message: str, reason: str = "", name: str = "") -> ApiError:
        """A refusal about this. name: of an object that the path does not name."""
        about = {"name": name or self.name, "group": self.resource.group, "kind": self.resource.plural}
        return ApiError(code, message, reason, **{key: value for key, value in about.items() if value})

    def missing(self) -> ApiError:
        """There is no such object."""
        return self.error(404, f'{self.resource.full_name} "{self.name}" not found')


def target_of(world: World, path: str) -> Target:
    """What "/api/v1/..." or "/apis/<group>/<version>/..." names. Raises ApiError 404 for what no API server has."""
    root, *parts = path.strip("/").split("/")
    # The core group has no name in a path.
    group, version, *rest = ["", *parts, "", ""] if root == "api" else [*parts, "", "", ""]
    rest = [each for each in rest if each]
    if root not in ("api", "apis") or not rest:
        raise ApiError(404, _NOWHERE)
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in _OF_A_NAMESPACE:
        namespace, rest = rest[1], rest[2:]
    plural, name, part, *more = [*rest, "", ""] if len(rest) < 3 else rest
    for resource in resources(world):
        if (resource.group, resource.version, resource.plural) == (group, version, plural):
            return _checked(Target(resource, namespace, name, "/".join((part, *filter(None, more)))))
    raise ApiError(404, _NOWHERE)


def _checked(target: Target) -> Target:
    """An object in a namespace is not found without it, nor one in none with it."""
    if target.resource.namespaced is bool(target.namespace) or (target.resource.namespaced and not target.name):
        return target
    raise ApiError(404, _NOWHERE)

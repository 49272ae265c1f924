"""What there is to ask for: the version, the API groups and their resources."""

from __future__ import annotations

from itertools import groupby

from modules.rehearsal.cluster.api.answers import Answer, Document
from modules.rehearsal.cluster.api.kinds import BUILT_IN, Resource, resources
from modules.rehearsal.cluster.world import World

_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
_PART_VERBS = ["get", "patch", "update"]
_WELL = ("/healthz", "/livez", "/readyz")


def discovered(world: World, path: str) -> Answer | None:
    """The answer to a path that names no resource; None for one that may."""
    path = path.rstrip("/")
    if path in _WELL:
        return Answer(text="ok")
    if path == "/version":
        return Answer(_version(world.minor))
    if path == "/api":
        return Answer({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []})
    if path == "/apis":
        return Answer({"kind": "APIGroupList", "apiVersion": "v1", "groups": _groups(world)})
    root, *parts = path.strip("/").split("/")
    if root == "api" and len(parts) == 1:
        return _listed(world, parts[0])
    if root == "apis" and len(parts) == 1:
        return next((Answer(each) for each in _groups(world) if each["name"] == parts[0]), None)
    return _listed(world, "/".join(parts)) if root == "apis" and len(parts) == 2 else None


def _version(minor: str) -> Document:
    major, _, rest = minor.partition(".")
    return {"major": major, "minor": rest, "gitVersion": f"v{minor}.0-rehearsal", "platform": "linux/amd64", "goVersion": "none"} | {
        "gitCommit": "none",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "compiler": "none",
    }


def _groups(world: World) -> list[Document]:
    rows = sorted({(each.group, each.version) for each in resources(world) if each.group})
    made = []
    for group, found in groupby(rows, key=lambda row: row[0]):
        versions = [{"groupVersion": f"{group}/{version}", "version": version} for _, version in found]
        # "v1" sorts before "v1alpha1".
        made.append({"kind": "APIGroup", "apiVersion": "v1", "name": group, "versions": versions, "preferredVersion": versions[0]})
    return made


def _listed(world: World, api_version: str) -> Answer | None:
    found = [each for each in resources(world) if each.api_version == api_version]
    rows = [row for each in found for row in _rows(each)]
    return Answer({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api_version, "resources": rows}) if found else None


def _rows(resource: Resource) -> list[Document]:
    common = {"singularName": "", "namespaced": resource.namespaced, "kind": resource.kind}
    short = {"shortNames": list(resource.short)} if resource.short else {}
    whole = {**common, "name": resource.plural, "singularName": resource.kind.lower(), "verbs": _VERBS, **short}
    parts: list[Document] = [{**common, "name": f"{resource.plural}/status", "verbs": _PART_VERBS}] if resource in BUILT_IN else []
    if resource.scalable:
        scale = {"kind": "Scale", "group": "autoscaling", "version": "v1", "verbs": _PART_VERBS}
        parts.append({**common, **scale, "name": f"{resource.plural}/scale"})
    return [whole, *parts]

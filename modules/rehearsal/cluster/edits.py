"""Looking into a cluster, and meddling with it: drift and failures for a test or a curious operator."""

from __future__ import annotations

import copy
from dataclasses import asdict
from typing import Any

from modules.rehearsal.cluster import endings, helm_storage
from modules.rehearsal.cluster.world import Fault, Key, RequestFault, World

_VERBS = ("create", "update", "delete", "read")


def dump(world: World, *, secrets: bool = False) -> dict[str, Any]:
    """{"objects": [...], "releases": [...], "log": [...]}. A Secret shows its keys, with null for what they hold, unless asked."""
    with world.lock:
        objects = [
            {**(held.manifest if secrets else without_secrets(held.manifest)), **({"status": held.status} if held.status else {})}
            for held in world.objects.values()
        ]
        return copy.deepcopy({"objects": objects, "releases": [asdict(each) for each in world.releases.values()], "log": world.log})


def without_secrets(manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest that may be shown: of a Secret the keys alone."""
    if manifest.get("kind") != "Secret":
        return manifest
    hidden: dict[str, Any] = {part: dict.fromkeys(manifest[part]) for part in ("data", "stringData") if part in manifest}
    return {**manifest, **hidden}


def edit(world: World, document: dict[str, Any]) -> dict[str, Any]:
    """Do what one of these says; <key> is "<kind>/<namespace>/<name>", with an empty namespace for what is in none:

    {"remove": key}; {"set": key, "path": [...], "to": value} (null removes); {"fail": "<create|update|delete|read> <key>",
    "with": message, "times": n} (0, or nothing said: always), of Terraform's operations; {"fail_request": "<method> <path>",
    "code": 503, "with": message, "times": n}, of requests to the Kubernetes API, "*" for anything in method or path;
    {"mend": true} takes all failures back. {"interrupt": "HelmRelease/<namespace>/<name>"} leaves it as a killed helm does.
    Gives {"edited": true} or {"error": "<why not>"}.
    """
    with world.lock:
        for verb, act in _EDITS.items():
            if verb in document:
                problem = act(world, document)
                return {"error": problem} if problem else {"edited": True}
    return {"error": 'an edit has one of "remove", "set", "fail", "fail_request", "mend", "interrupt"'}


def _remove(world: World, document: dict[str, Any]) -> str:
    key = _key(document["remove"])
    if key.kind == "HelmRelease":
        release = world.releases.pop((key.namespace, key.name), None)
        for made in release.objects if release else ():
            if made in world.objects:
                world.drop(made)
        return "" if release else f"there is no {key}"
    if key not in world.objects:
        return f"there is no {key}"
    endings.drop(world, key)
    return ""


def _set(world: World, document: dict[str, Any]) -> str:
    key, path = _key(document["set"]), document.get("path") or []
    release = world.releases.get((key.namespace, key.name)) if key.kind == "HelmRelease" else None
    held = world.objects.get(key)
    if not path:
        return 'say "path", a list of keys and indexes'
    if release is not None:
        setattr(release, path[0], document.get("to"))
        return ""
    if held is None:
        return f"there is no {key}"
    changed = copy.deepcopy(held.manifest)
    try:
        _put_at(changed, path, document.get("to"))
    except (KeyError, IndexError, TypeError):
        return f"{key} has nothing at {path}"
    world.change(key, changed)
    endings.go_on(world, key)
    return ""


def _put_at(value: Any, path: list[str | int], to: Any) -> None:
    for part in path[:-1]:
        value = value.setdefault(part, {}) if isinstance(value, dict) else value[part]
    if to is None:
        del value[path[-1]]
    else:
        value[path[-1]] = to


def _fail(world: World, document: dict[str, Any]) -> str:
    verb, _, key = document["fail"].partition(" ")
    if verb not in _VERBS:
        return f"{verb} is none of {_VERBS}"
    world.faults.append(Fault(f"{verb} {_key(key)}", document.get("with", "the API server is unwell"), document.get("times", 0)))
    return ""


def _fail_request(world: World, document: dict[str, Any]) -> str:
    code = document.get("code", 503)
    if not isinstance(code, int) or not 400 <= code < 600:
        return f"{code} is no code of a failure"
    message, times = document.get("with", "the API server is unwell"), document.get("times", 0)
    world.request_faults.append(RequestFault(document["fail_request"], code, message, times))
    return ""


def _interrupt(world: World, document: dict[str, Any]) -> str:
    key = _key(document["interrupt"])
    return helm_storage.interrupt(world, key.namespace, key.name) if key.kind == "HelmRelease" else f"{key} is no release"


def _mend(world: World, _document: dict[str, Any]) -> str:
    world.faults.clear()
    world.request_faults.clear()
    return ""


def _key(text: str) -> Key:
    kind, *place = text.split("/")
    return Key(kind, place[0] if len(place) > 1 else "", place[-1] if place else "")


_EDITS = {
    "remove": _remove,
    "set": _set,
    "fail": _fail,
    "fail_request": _fail_request,
    "mend": _mend,
    "interrupt": _interrupt,
}

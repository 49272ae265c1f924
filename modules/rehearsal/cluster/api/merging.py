"""JSON merge patch (RFC 7386) and JSON patch (RFC 6902)."""

from __future__ import annotations

import copy
from typing import Any

from modules.rehearsal.cluster.api.answers import ApiError


def merge_patch(document: Any, patch: Any) -> Any:
    """`document` with the patch laid over it; null takes a field away, a list replaces a list."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def json_patch(document: Any, operations: Any) -> Any:
    """`document` after the operations, all or none. Raises ApiError 400 for what is no patch, 422 for one that does not fit."""
    if not isinstance(operations, list) or not all(isinstance(each, dict) for each in operations):
        raise ApiError(400, "a JSON patch is a list of operations")
    changed = copy.deepcopy(document)
    for each in operations:
        try:
            changed = _done(changed, each)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            told = f"{each.get('op')} {each.get('path')}"
            raise ApiError(422, f"the server rejected our request due to an error in our request: {told} does not fit") from error
    return changed


def _done(document: Any, operation: dict[str, Any]) -> Any:
    verb, path = operation["op"], _parts(operation["path"])
    if verb == "test":
        if _at(document, path) != operation["value"]:
            raise ValueError(verb)
        return document
    if verb in ("move", "copy"):
        source = _parts(operation["from"])
        value = copy.deepcopy(_at(document, source))
        return _added(_removed(document, source) if verb == "move" else document, path, value)
    if verb == "replace":
        _at(document, path)
        return _added(_removed(document, path), path, operation["value"]) if path else operation["value"]
    if verb == "add":
        return _added(document, path, operation["value"])
    if verb == "remove":
        return _removed(document, path)
    raise ValueError(verb)


def _parts(pointer: str) -> list[str]:
    """The keys of a JSON pointer (RFC 6901)."""
    if pointer and not pointer.startswith("/"):
        raise ValueError(pointer)
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _at(document: Any, path: list[str]) -> Any:
    for part in path:
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def _added(document: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    parent, last = _at(document, path[:-1]), path[-1]
    if isinstance(parent, list):
        index = len(parent) if last == "-" else int(last)
        if not 0 <= index <= len(parent):
            raise IndexError(last)
        parent.insert(index, value)
    else:
        parent[last] = value
    return document


def _removed(document: Any, path: list[str]) -> Any:
    parent, last = _at(document, path[:-1]), path[-1]
    del parent[int(last) if isinstance(parent, list) else last]
    return document

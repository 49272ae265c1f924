"""What a stack tells Terraform to leave alone: `lifecycle.ignore_changes`, which a plan heeds and its list of drift does not."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
#: What the API server counts with every change of an object, whoever made it.
_COUNTED = ("metadata[0].generation", "metadata[0].resource_version")


def ignored(document: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The ignored attributes of each resource of a synthesised stack, by address; paths as Terraform writes them (`spec[0].replicas`)."""
    found = {}
    for kind, named in (document.get("resource") or {}).items():
        for name, body in named.items():
            listed = (body.get("lifecycle") or {}).get("ignore_changes")
            if isinstance(listed, list):
                found[f"{kind}.{name}"] = tuple(listed)
    return found


def left_alone(entry: Mapping[str, Any], paths: Sequence[str]) -> dict[str, Any]:
    """An entry of a plan's resource_drift without what happened at `paths`: there, `after` is as `before` was."""
    counted = _COUNTED if entry["type"].startswith("kubernetes_") else ()
    change = dict(entry["change"])
    if not isinstance(change.get("before"), dict) or not isinstance(change.get("after"), dict):
        return dict(entry)
    change["after"] = copy.deepcopy(change["after"])
    for path in (*paths, *counted):
        parts = [int(index) if index else name for name, index in _PART.findall(path)]
        _restore(change["before"], change["after"], parts)
    return {**entry, "change": change}


def _restore(before: Any, after: Any, parts: Sequence[str | int]) -> None:
    """Put `before`'s value at the path into `after`; nothing where either of them has no such place."""
    for part in parts[:-1]:
        if not (_has(before, part) and _has(after, part)):
            return
        before, after = before[part], after[part]
    last = parts[-1]
    if _has(before, last) and (isinstance(after, dict) or _has(after, last)):
        after[last] = before[last]


def _has(value: Any, part: str | int) -> bool:
    if isinstance(part, int):
        return isinstance(value, list) and part < len(value)
    return isinstance(value, dict) and part in value

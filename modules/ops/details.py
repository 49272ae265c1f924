"""The changes of a saved plan, from `terraform show -json`: which attributes, old and new, without sensitive values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Any

from modules.config.redact import redact
from modules.ops.ignored import left_alone
from modules.ops.results import Attribute, Change

_SENSITIVE, _LATER = "(sensitive)", "(known after apply)"
_TEXT_MAX = 100
#: How much of what two long texts share is shown before they part.
_LEAD = 30
#: Attributes that AWS or the provider changes by itself; a difference there is nobody's change.
_ALIVE = {
    "aws_autoscaling_group": {"desired_capacity", "instances"},
    "aws_cognito_user_pool": {"estimated_number_of_users", "last_modified_date"},
    "aws_efs_file_system": {"number_of_mount_targets", "size_in_bytes"},
    "aws_eks_addon": {"modified_at"},
    "aws_eks_cluster": {"platform_version", "status"},
    "aws_eks_node_group": {"resources", "status"},
    "aws_backup_vault": {"recovery_points"},
    "aws_launch_template": {"latest_version"},
    "aws_backup_plan": {"version"},
    "aws_ssm_parameter": {"version"},
}
#: Follows from `tags`, and would be told twice.
_ECHO = {"tags_all"}


def planned(document: Mapping[str, Any]) -> tuple[Change, ...]:
    """What the plan will do, creations aside: they have no attribute a reviewer compares."""
    found = []
    for entry in document.get("resource_changes") or ():
        action = _action(entry["change"]["actions"])
        if entry.get("mode") != "managed":
            continue
        if action == "noop" and "importing" in entry["change"]:
            action = "adopt"
        if action in ("update", "replace", "delete", "adopt"):
            compared = tuple(_attributes(entry)) if action in ("update", "replace") else ()
            found.append(Change(entry["address"], entry["type"], action, compared))
    return tuple(found)


def drifted(document: Mapping[str, Any], ignored: Mapping[str, Sequence[str]] = MappingProxyType({})) -> tuple[Change, ...]:
    """What was changed behind Terraform, also where the plan proposes no action.

    ignored: paths that the stack leaves to others, by address (modules.ops.ignored). Left out besides them: attributes that
    move by themselves, and null against empty, which the provider writes on a first refresh.
    """
    found = []
    for each in document.get("resource_drift") or ():
        entry = left_alone(each, ignored.get(each["address"], ()))
        action = _action(entry["change"]["actions"])
        attributes = tuple(_attributes(entry, ignore=_ALIVE.get(entry["type"], set())))
        if entry.get("mode") == "managed" and (action == "delete" or attributes):
            found.append(Change(entry["address"], entry["type"], action, () if action == "delete" else attributes))
    return tuple(found)


def _action(actions: list[str]) -> str:
    if len(actions) == 2:
        return "replace"
    return "noop" if actions[0] == "no-op" else actions[0]


def _attributes(entry: Mapping[str, Any], ignore: AbstractSet[str] = frozenset()) -> Iterator[Attribute]:
    change = entry["change"]
    before, after = change.get("before") or {}, change.get("after") or {}
    later = change.get("after_unknown") or {}
    hidden = (change.get("before_sensitive"), change.get("after_sensitive"))
    for name in sorted({*before, *after, *later}):
        if name in ignore or name in _ECHO:
            continue
        yield from _compare(name, before.get(name), after.get(name), _at(later, name), (_at(hidden[0], name), _at(hidden[1], name)))


def _compare(name: str, old: Any, new: Any, later: Any, hidden: tuple[Any, Any]) -> Iterator[Attribute]:
    """The differing leaves below one attribute; mappings are entered, lists are shown whole."""
    if later is True:
        # What was empty and will be computed is no change that anybody asked for.
        if not _is_empty(old):
            yield Attribute(name, _cut(_text(old, hidden[0])), _LATER)
    elif _filled(old) == _filled(new):
        return
    elif isinstance(old, dict) and isinstance(new, dict) and True not in hidden:
        for key in sorted({*old, *new}):
            yield from _compare(f"{name}.{key}", old.get(key), new.get(key), _at(later, key), (_at(hidden[0], key), _at(hidden[1], key)))
    else:
        yield Attribute(name, *_apart(_text(old, hidden[0]), _text(new, hidden[1])))


def _at(marks: Any, key: str) -> Any:
    """The mark of one key: marks are True for a whole value, else mirror its shape."""
    return marks.get(key) if isinstance(marks, dict) else marks is True


def _filled(value: Any) -> Any:
    """`value` without what the provider may read back as null, at any depth."""
    if isinstance(value, dict):
        value = {key: kept for key, inner in value.items() if (kept := _filled(inner)) is not None}
    elif isinstance(value, list):
        value = [_filled(inner) for inner in value]
    return None if _is_empty(value) else value


def _is_empty(value: Any) -> bool:
    """Whether the provider may read this back as null, or null as this."""
    return value is None or value is False or value in ("", [], {}, 0)


def _text(value: Any, hidden: Any) -> str:
    if _has_mark(hidden):
        return _SENSITIVE
    if value is None:
        return "(none)"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))
    return redact(" ".join(text.split()))


def _apart(old: str, new: str) -> tuple[str, str]:
    """Both texts cut to what a line holds, around the first place where they differ: two policies begin alike."""
    if max(len(old), len(new)) > _TEXT_MAX:
        shared = next((at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), min(len(old), len(new)))
        start = max(shared - _LEAD, 0)
        old, new = (f"…{text[start:]}" if start else text for text in (old, new))
    return _cut(old), _cut(new)


def _cut(text: str) -> str:
    return text if len(text) <= _TEXT_MAX else f"{text[: _TEXT_MAX - 1]}…"


def _has_mark(marks: Any) -> bool:
    """Whether anything below is marked sensitive: then the whole value is left out."""
    if isinstance(marks, dict):
        return any(_has_mark(each) for each in marks.values())
    if isinstance(marks, list):
        return any(_has_mark(each) for each in marks)
    return marks is True

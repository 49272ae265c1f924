"""labelSelector and fieldSelector, as the query of a list has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from modules.rehearsal.cluster.api.answers import ApiError

Matches = Callable[[Mapping[str, Any]], bool]

_SET = re.compile(r"(?P<key>[^\s!=,()]+)\s+(?P<word>in|notin)\s*\((?P<values>[^()]*)\)$")
_EQUAL = re.compile(r"(?P<key>[^\s!=,()]+)\s*(?P<sign>!=|==|=)\s*(?P<value>[^\s!=,()]*)$")
_EXISTS = re.compile(r"(?P<no>!?)\s*(?P<key>[^\s!=,()]+)$")
_COMMA = re.compile(r",(?![^(]*\))")


def selected(query: Mapping[str, str]) -> Matches:
    """Whether a document is asked for by a list's query. Raises ApiError 400 for a selector nobody can read."""
    labels = [_label(each.strip()) for each in _COMMA.split(query.get("labelSelector", "")) if each.strip()]
    fields = [_field(each.strip()) for each in query.get("fieldSelector", "").split(",") if each.strip()]

    def matches(document: Mapping[str, Any]) -> bool:
        held = document["metadata"].get("labels") or {}
        return all(rule(held) for rule in labels) and all(rule(document) for rule in fields)

    return matches


def _label(text: str) -> Matches:
    if found := _SET.match(text):
        key, wanted = found["key"], {each.strip() for each in found["values"].split(",")}
        # As for "!=", a label that is not there is none of the values.
        return (lambda held: held.get(key) in wanted) if found["word"] == "in" else (lambda held: held.get(key) not in wanted)
    if found := _EQUAL.match(text):
        key, value, equal = found["key"], found["value"], found["sign"] != "!="
        return lambda held: (held.get(key) == value) is equal
    if found := _EXISTS.match(text):
        key, there = found["key"], not found["no"]
        return lambda held: (key in held) is there
    raise ApiError(400, f"unable to parse requirement: {text}")


def _field(text: str) -> Matches:
    """Any path of plain fields, where an API server knows only a few for each kind."""
    found = _EQUAL.match(text)
    if found is None:
        raise ApiError(400, f'invalid field selector "{text}"')
    path, value, equal = found["key"].split("."), found["value"], found["sign"] != "!="
    return lambda document: (_at(document, path) == value) is equal


def _at(document: Any, path: list[str]) -> str:
    for part in path:
        document = document.get(part) if isinstance(document, Mapping) else None
    return "" if document is None else str(document)

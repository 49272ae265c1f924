"""pydantic's errors as sentences that name the line, and never repeat a value: it may be a key in the wrong place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from modules.launcher.settings.document import Document, Path, Problem

#: Where a key belongs that people put one level too high or too low.
_HOME = {
    "assume_role": "credentials, beside access_key",
    "access_key": "runtime.credentials",
    "credentials": "runtime",
    "cluster_name": "runtime",
    "region": "runtime",
    "namespace": "runtime",
    "external_id": "credentials.assume_role",
    "role_arn": "credentials.assume_role",
    "max_age_minutes": "process_culling",
    "tokens": "auth",
    "jupyterhub": "auth",
}
_OTHER_RUNTIMES = "only eks is offered here. Write runtime_type: eks."
_REFERENCE = "must name a secret, not be one. Write secret_name: and, for one key of it, key: below it."
_REFERENCES = frozenset({"access_key_id", "secret_access_key", "external_id", "secret"})
_PLAIN = {
    "missing": "is missing. Add it.",
    "model_type": "must be a mapping. Indent its settings below it.",
    "model_attributes_type": "must be a mapping. Indent its settings below it.",
    "mapping_type": "must be a mapping. Write key: value lines below it.",
    "tuple_type": "must be a list. Write one `- item` a line.",
    "string_type": "must be text. Put it in quotes.",
    "string_too_short": "is empty. Write it, or remove the line.",
    "path_type": "must be a path.",
    "bool_parsing": "is neither true nor false.",
    "bool_type": "is neither true nor false.",
    "union_tag_not_found": "has no secret_store_type. Write secret_store_type: local, aws or none.",
    "union_tag_invalid": "has an unknown secret_store_type. Write local, aws or none.",
}


def problems_of(errors: Iterable[Mapping[str, Any]], document: Document) -> list[Problem]:
    """One Problem for each of pydantic's `errors`, at the line of its value."""
    found = []
    for error in errors:
        path = _path(error["loc"], document.data)
        found.append(Problem(document.line(path), path, _sentence(error, path, document.data)))
    return found


def _path(loc: Iterable[str | int], data: Any) -> Path:
    """pydantic's location without the tag it adds for the kind of store."""
    path: list[str | int] = []
    parts = list(loc)
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        known = (isinstance(data, dict) and part in data) or (isinstance(data, list) and isinstance(part, int) and part < len(data))
        if not known and not last:
            continue
        path.append(part)
        data = data[part] if known else None
    return tuple(path)


def _sentence(error: Mapping[str, Any], path: Path, data: Any) -> str:
    kind, context = error["type"], error.get("ctx", {})
    name = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        return _unknown(name, path)
    if kind in {"model_type", "model_attributes_type"} and name in _REFERENCES:
        return _REFERENCE
    if kind == "literal_error":
        return _OTHER_RUNTIMES if name == "runtime_type" else f"must be one of {context['expected']}."
    if kind == "value_error":
        return f"{context['error']}."
    if kind in {"greater_than_equal", "less_than_equal", "greater_than", "int_parsing", "int_type", "int_from_float", "float_parsing"}:
        return f"must be a number{_limits(context)}."
    return _PLAIN.get(kind, f"is not right: {error['msg'].lower()}.")


def _limits(context: Mapping[str, Any]) -> str:
    words = {"ge": "of at least", "gt": "above", "le": "of at most", "lt": "below"}
    return "".join(f" {words[key]} {context[key]:g}" for key in words if key in context)


def _unknown(name: str, path: Path) -> str:
    if name == "password" and path[:1] == ("secret_store",):
        return "does not belong in a file that people copy. Remove it; set password_file, or type it when asked."
    if name in _HOME:
        return f"does not belong here. Move it to {_HOME[name]}."
    close = get_close_matches(name, sorted(_keys()), n=1, cutoff=0.75)
    return f"is not a setting; did you mean {close[0]}?" if close else "is not a setting. Remove it."


def _keys() -> set[str]:
    """Every key that any part of the settings knows."""
    from modules.launcher.settings import auth, credentials, models, runtime, store
    from modules.launcher.settings.base import Model

    parts = (auth, credentials, models, runtime, store)
    kinds = [kind for part in parts for kind in vars(part).values() if isinstance(kind, type) and issubclass(kind, Model)]
    return {field for kind in kinds for field in kind.model_fields}

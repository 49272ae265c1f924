"""A lenient schema from a chart's default values, for charts that ship none: it tells mistyped keys and gross type errors."""

from __future__ import annotations

import re
from typing import Any

_TEXT, _NUMBER = ["string", "number", "boolean", "null"], ["number", "string", "null"]
#: Filled by the user in ways the defaults do not show.
_FREE = re.compile(
    r"(labels|annotations|selector|affinity|context|args|env|resources|limits|requests|config|strategy|data)$", re.IGNORECASE
)
#: A key that the defaults only mention: `# extraVolumes:`
_MENTIONED = re.compile(r"^\s*#+\s*-?\s*([A-Za-z][\w-]*):", re.MULTILINE)


def infer(values: dict[str, Any], text: str) -> dict[str, Any]:
    """A JSON schema. text: values.yaml itself, whose comments name keys that have no default; these may stand anywhere."""
    mentioned: dict[str, Any] = {name: {} for name in _MENTIONED.findall(text)}
    schema = _of("", values, mentioned)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _of(name: str, value: Any, mentioned: dict[str, Any]) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"type": ["boolean", "string", "null"]}
    if isinstance(value, (int, float)):
        return {"type": _NUMBER}
    if isinstance(value, str):
        return {"type": _TEXT}
    if isinstance(value, list):
        return {"type": ["array", "null"]}
    if not isinstance(value, dict):
        return {}
    if not value or _FREE.search(name) or any("." in key or "/" in key for key in value):
        return {"type": ["object", "null"]}
    below = {key: _of(key, inner, mentioned) for key, inner in value.items()}
    return {"type": ["object", "null"], "additionalProperties": False, "properties": {"global": {}, **mentioned, **below}}

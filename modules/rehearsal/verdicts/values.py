"""Values of a chart against the chart's schema: mistyped keys and wrong types, told without repeating a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modules.config.problems import did_you_mean, path_text
from modules.rehearsal.standin.backend import Problem
from modules.rehearsal.verdicts.schemas import Schema

_NAMES = {"object": "a mapping", "array": "a list", "string": "a text", "integer": "a whole number", "number": "a number"}
_NAMES |= {"boolean": "true or false", "null": "null"}


def check_values(chart: str, values: dict[str, Any], schema: Schema) -> list[Problem]:
    """One Problem for each mistake in `values`, which may leave out what the chart has defaults for."""
    from jsonschema import Draft7Validator

    document = _closed(_partial(schema.document))
    errors = sorted(_leaves(Draft7Validator(document).iter_errors(values)), key=lambda error: [str(part) for part in error.absolute_path])
    return [Problem(f"{chart}: {text}", f"by {schema.name}", attribute=("values", 0)) for error in errors for text in _texts(error)]


def _partial(schema: Any) -> Any:
    """Upstream's `required` holds for values merged with the chart's defaults; for overrides alone it would refuse everything."""
    if isinstance(schema, dict):
        return {key: _partial(value) for key, value in schema.items() if not (key == "required" and isinstance(value, list))}
    return [_partial(each) for each in schema] if isinstance(schema, list) else schema


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    """Vault's schema leaves its top open, so that a mistyped section would pass. Every chart may have `global`."""
    if "additionalProperties" in schema or "properties" not in schema:
        return schema
    return {**schema, "properties": {"global": {}, **schema["properties"]}, "additionalProperties": False}


def _leaves(errors: Iterator[Any]) -> Iterator[Any]:
    """Of a choice that failed, the alternative that came nearest says more than the choice."""
    for error in errors:
        nearest = [each for each in error.context or () if each.validator not in ("type", "const", "enum") or len(each.path) > 0]
        if nearest:
            yield from _leaves(iter(nearest))
        else:
            yield error


def _texts(error: Any) -> list[str]:
    where = path_text(tuple(error.absolute_path))
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema.get("properties", {})
        patterns = error.schema.get("patternProperties", {})
        unknown = [key for key in error.instance if key not in known] if not patterns else []
        return [f"{path_text((*error.absolute_path, key))} is no known key{did_you_mean(key, known)}" for key in unknown] or [where]
    return [f"{where or 'the values'} {_fault(error)}"]


def _fault(error: Any) -> str:
    wanted = error.validator_value
    if error.validator == "type":
        kinds = wanted if isinstance(wanted, list) else [wanted]
        return f"must be {' or '.join(_NAMES.get(kind, str(kind)) for kind in kinds)}, is {kind_of(error.instance)}"
    if error.validator == "enum":
        return f"must be one of {', '.join(map(str, wanted))}"
    if error.validator in ("anyOf", "oneOf"):
        kinds = sorted({str(each["type"]) for each in wanted if "type" in each})
        return f"is {kind_of(error.instance)}, and fits none of what is allowed" + (f" ({', '.join(kinds)})" if kinds else "")
    return f"breaks {error.validator}: {wanted}"


def kind_of(value: Any) -> str:
    """What a value is, in the words the messages use."""
    kinds = {bool: "boolean", dict: "object", list: "array", str: "string", int: "integer", float: "number", type(None): "null"}
    return _NAMES[kinds.get(type(value), "object")]

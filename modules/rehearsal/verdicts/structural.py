"""Custom resources against the structural schema of their CRD, closed: an API server drops unknown fields without a word."""

from __future__ import annotations

from typing import Any

from modules.config.problems import did_you_mean, path_text

_ALWAYS = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}


def structural(schema: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema a CRD's openAPIV3Schema stands for: closed objects, int-or-string, nullable."""
    return {**_plain({**schema, "properties": {**_ALWAYS, **schema.get("properties", {})}})}


def check_structure(manifest: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """One sentence for each field that is unknown, missing or of a wrong type. schema: from `structural`."""
    from jsonschema import Draft202012Validator

    errors = sorted(Draft202012Validator(schema).iter_errors(manifest), key=lambda error: [str(part) for part in error.absolute_path])
    return [_text(error) for error in errors]


def _plain(node: Any) -> Any:
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {key: _children(key, value) for key, value in node.items() if not key.startswith("x-kubernetes-") and key != "nullable"}
    if node.get("x-kubernetes-int-or-string"):
        made["type"] = ["integer", "string"]
    elif node.get("nullable") and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    if _is_schema_of_object(node):
        made["additionalProperties"] = False
    return made


def _children(key: str, value: Any) -> Any:
    if key == "properties":
        return {name: _plain(each) for name, each in value.items()}
    return value if key in ("enum", "default", "example", "required") else _plain(value)


def _is_schema_of_object(node: dict[str, Any]) -> bool:
    return "properties" in node and "additionalProperties" not in node and not node.get("x-kubernetes-preserve-unknown-fields")


def _text(error: Any) -> str:
    where = path_text(tuple(error.absolute_path)) or "the object"
    if error.validator == "additionalProperties" and isinstance(error.instance, dict) and error.validator_value is False:
        known = error.schema.get("properties", {})
        unknown = [key for key in error.instance if key not in known]
        return "; ".join(f"{path_text((*error.absolute_path, key))} is no known field{did_you_mean(key, known)}" for key in unknown)
    return f"{where}: {error.message}"

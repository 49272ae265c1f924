"""The JSON schema of hub.yaml, for editors: it completes keys, shows what they mean and marks typing errors.

It is looser than `./hub validate` in one way: a file may leave out whatever the file it extends says, so nothing but the top level
of a file without `extends` is required.
"""

from __future__ import annotations

import json
from typing import Any

from modules.config.aliases import aliases, sections
from modules.config.merge import APPEND
from modules.config.models import HubConfig

#: Below the repository root.
SCHEMA_FILE = "envs/schema.json"

_EXTENDS = {"type": "string", "description": "A file whose settings this one lays its own over, such as ../shared/base.yaml."}


def json_schema() -> dict[str, Any]:
    """The schema of one file under envs/, with `extends` and the `+key` forms that append to inherited lists."""
    schema = HubConfig.model_json_schema(by_alias=False)
    schema["properties"].pop("env")
    required = [name for name in schema.pop("required") if name != "env"]
    for part in schema["$defs"].values():
        part.pop("required", None)
    for part in (schema, *schema["$defs"].values()):
        if "properties" in part:
            part["properties"] = _with_appends(part["properties"])
    for kind in sections().values():
        properties = schema["$defs"][kind.__name__]["properties"]
        properties.update({alias: _under_alias(properties[name]) for alias, name in aliases(kind).items()})
    # Without `kind`, which a shared file may give, several logins fit at once.
    login = schema["properties"]["auth"]
    login["anyOf"] = login.pop("oneOf")
    login.pop("discriminator")
    schema["properties"] = {"extends": _EXTENDS, **schema["properties"]}
    schema["anyOf"] = [{"required": ["extends"]}, {"required": required}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "hub.yaml", "description": "One env of Hubsmith."}


def schema_text() -> str:
    """What stands in envs/schema.json."""
    return json.dumps(json_schema(), indent=1) + "\n"


def _under_alias(value: dict[str, Any]) -> dict[str, Any]:
    """A setting as the seed writes it: its parameters were all text, numbers too."""
    if value.get("type") != "integer":
        return value
    form = {key: part for key, part in value.items() if key not in {"default", "description", "title"}}
    said: dict[str, Any] = {key: value[key] for key in ("default", "description", "title") if key in value}
    return {"anyOf": [form, {"type": "string", "pattern": "^[0-9]+$"}], **said}


def _with_appends(properties: dict[str, Any]) -> dict[str, Any]:
    result = {}
    for name, value in properties.items():
        result[name] = value
        if value.get("type") == "array" and "items" in value:
            form = {key: part for key, part in value.items() if key in {"items", "type"}}
            result[f"{APPEND}{name}"] = {**form, "description": f"Appended to the inherited {name}."}
    return result

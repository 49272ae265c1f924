"""The JSON schema of hub.yaml, for editors: it completes keys, shows what they mean and marks typing errors.

It is looser than `./hub validate` in one way: a file may leave out whatever the file it extends says, so nothing but the top level
of a file without `extends` is required.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import AliasChoices

from modules.config.extras import Desktop
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
    for kind in schema["$defs"].values():
        kind.pop("required", None)
    for kind in (schema, *schema["$defs"].values()):
        if "properties" in kind:
            kind["properties"] = _with_appends(kind["properties"])
    desktop = schema["$defs"]["Desktop"]["properties"]
    desktop.update({alias: desktop[name] for alias, name in desktop_aliases().items()})
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


def desktop_aliases() -> dict[str, str]:
    """The DCV seed's parameter names, and the fields they set."""
    found = {}
    for name, info in Desktop.model_fields.items():
        if isinstance(info.validation_alias, AliasChoices):
            found.update({str(choice): name for choice in info.validation_alias.choices if choice != name})
    return found


def _with_appends(properties: dict[str, Any]) -> dict[str, Any]:
    result = {}
    for name, value in properties.items():
        result[name] = value
        if value.get("type") == "array" and "items" in value:
            form = {key: part for key, part in value.items() if key in {"items", "type"}}
            result[f"{APPEND}{name}"] = {**form, "description": f"Appended to the inherited {name}."}
    return result

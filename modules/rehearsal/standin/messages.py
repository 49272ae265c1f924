"""A schema as a message of the protocol."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from modules.rehearsal.standin import protocol
from modules.rehearsal.standin.catalogue import load
from modules.rehearsal.standin.schema import Block


@cache
def schema_answer(provider: str) -> Any:
    """The schema of "kubernetes" or "helm" as Terraform asks for it; built once, sent for every command."""
    schema, known = load(provider), protocol.messages()
    return known["SchemaAnswer"](
        provider=known["Schema"](block=_block_message(schema["provider"])),
        provider_meta=known["Schema"](block=known["Block"]()),
        resource_schemas=[
            known["NamedSchema"](key=kind, value=known["Schema"](block=_block_message(block)))
            for kind, block in schema["resources"].items()
        ],
        server_capabilities=known["Capabilities"](plan_destroy=True, get_provider_schema_optional=True),
    )


def _block_message(block: Block) -> Any:
    known = protocol.messages()
    nested = [
        known["NestedBlock"](
            type_name=name,
            block=_block_message(entry["block"]),
            nesting=protocol.NESTING[entry["nesting_mode"]],
            min_items=entry.get("min_items", 0),
            max_items=entry.get("max_items", 0),
        )
        for name, entry in block["block_types"].items()
    ]
    return known["Block"](attributes=_attribute_messages(block["attributes"]), block_types=nested)


def _attribute_messages(attributes: Mapping[str, Any]) -> list[Any]:
    known, found = protocol.messages(), []
    for name, attribute in attributes.items():
        flags = {flag: attribute.get(flag, False) for flag in ("required", "optional", "computed", "sensitive", "write_only")}
        nested = attribute.get("nested_type")
        if nested:
            mode = protocol.NESTING[nested["nesting_mode"]]
            kind = {"nested_type": known["Object"](attributes=_attribute_messages(nested["attributes"]), nesting=mode)}
        else:
            kind = {"type": json.dumps(attribute["type"]).encode()}
        found.append(known["Attribute"](name=name, **flags, **kind))
    return found

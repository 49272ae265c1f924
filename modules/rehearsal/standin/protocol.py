"""Terraform's plugin protocol 6 as far as a provider of plain resources needs it, declared as a table and built at run time.

Numbers are those of https://github.com/hashicorp/terraform/blob/main/docs/plugin-protocol/tfplugin6.9.proto and of go-plugin
(https://github.com/hashicorp/go-plugin/tree/main/internal/plugin). Names of messages are our own: only numbers and the
names of methods travel. A map field is a list of key and value, which is how it travels too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

_PACKAGE = "hubsmith.standin"

#: Message: its fields as "<number> <name> <type>"; `*` after a type: repeated; `|` before a number: one of the so marked.
_MESSAGES = {
    "Empty": "",
    "DynamicValue": "1 msgpack bytes, 2 json bytes",
    "Step": "|1 attribute_name string, |2 element_key_string string, |3 element_key_int int64",
    "AttributePath": "1 steps Step*",
    "Diagnostic": "1 severity int32, 2 summary string, 3 detail string, 4 attribute AttributePath",
    "Attribute": "1 name string, 2 type bytes, 3 description string, 4 required bool, 5 optional bool, 6 computed bool,"
    " 7 sensitive bool, 10 nested_type Object, 11 write_only bool",
    "Object": "1 attributes Attribute*, 3 nesting int32",
    "NestedBlock": "1 type_name string, 2 block Block, 3 nesting int32, 4 min_items int64, 5 max_items int64",
    "Block": "2 attributes Attribute*, 3 block_types NestedBlock*",
    "Schema": "1 version int64, 2 block Block",
    "NamedSchema": "1 key string, 2 value Schema",
    "Capabilities": "1 plan_destroy bool, 2 get_provider_schema_optional bool",
    "SchemaAnswer": "1 provider Schema, 2 resource_schemas NamedSchema*, 5 provider_meta Schema, 6 server_capabilities Capabilities",
    "ProviderConfigAnswer": "2 diagnostics Diagnostic*",
    "Diagnostics": "1 diagnostics Diagnostic*",
    "ConfigQuestion": "1 config DynamicValue",
    "ConfigureQuestion": "1 terraform_version string, 2 config DynamicValue",
    "ValidateQuestion": "1 type_name string, 2 config DynamicValue",
    "RawState": "1 json bytes",
    "UpgradeQuestion": "1 type_name string, 2 version int64, 3 raw_state RawState",
    "UpgradeAnswer": "1 upgraded_state DynamicValue, 2 diagnostics Diagnostic*",
    "ReadQuestion": "1 type_name string, 2 current_state DynamicValue, 3 private bytes",
    "ReadAnswer": "1 new_state DynamicValue, 2 diagnostics Diagnostic*, 3 private bytes",
    "PlanQuestion": "1 type_name string, 2 prior_state DynamicValue, 3 proposed_new_state DynamicValue, 4 config DynamicValue,"
    " 5 prior_private bytes",
    "PlanAnswer": "1 planned_state DynamicValue, 2 requires_replace AttributePath*, 3 planned_private bytes, 4 diagnostics Diagnostic*,"
    " 5 legacy_type_system bool",
    "ApplyQuestion": "1 type_name string, 2 prior_state DynamicValue, 3 planned_state DynamicValue, 4 config DynamicValue,"
    " 5 planned_private bytes",
    "ApplyAnswer": "1 new_state DynamicValue, 2 private bytes, 3 diagnostics Diagnostic*, 4 legacy_type_system bool",
    "ImportQuestion": "1 type_name string, 2 id string",
    "Imported": "1 type_name string, 2 state DynamicValue, 3 private bytes",
    "ImportAnswer": "1 imported_resources Imported*, 2 diagnostics Diagnostic*",
    "StopAnswer": "1 error string",
}
_SCALARS = {"int64": 3, "int32": 5, "bool": 8, "string": 9, "bytes": 12}
_MESSAGE_TYPE, _OPTIONAL, _REPEATED = 11, 1, 3
_FIELD = re.compile(r"(\|?)(\d+) (\w+) (\w+)(\*?)")

PROVIDER, CONTROLLER, STDIO = "tfplugin6.Provider", "plugin.GRPCController", "plugin.GRPCStdio"
#: Service and method: what it takes and gives.
METHODS = {
    (PROVIDER, "GetProviderSchema"): ("Empty", "SchemaAnswer"),
    (PROVIDER, "ValidateProviderConfig"): ("ConfigQuestion", "ProviderConfigAnswer"),
    (PROVIDER, "ConfigureProvider"): ("ConfigureQuestion", "Diagnostics"),
    (PROVIDER, "ValidateResourceConfig"): ("ValidateQuestion", "Diagnostics"),
    (PROVIDER, "UpgradeResourceState"): ("UpgradeQuestion", "UpgradeAnswer"),
    (PROVIDER, "ReadResource"): ("ReadQuestion", "ReadAnswer"),
    (PROVIDER, "PlanResourceChange"): ("PlanQuestion", "PlanAnswer"),
    (PROVIDER, "ApplyResourceChange"): ("ApplyQuestion", "ApplyAnswer"),
    (PROVIDER, "ImportResourceState"): ("ImportQuestion", "ImportAnswer"),
    (PROVIDER, "StopProvider"): ("Empty", "StopAnswer"),
    (CONTROLLER, "Shutdown"): ("Empty", "Empty"),
    (STDIO, "StreamStdio"): ("Empty", "Empty"),
}
ERROR, WARNING = 1, 2
#: Of blocks and of nested attributes alike.
NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}


@dataclass(frozen=True)
class Method:
    """One method of a service: how its question is read and its answer written."""

    service: str
    name: str
    read: Callable[[bytes], Any]
    write: Callable[[Any], bytes]

    @property
    def answered_by(self) -> str:
        """The name of the Python method that answers."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.name).lower()

    @property
    def streams(self) -> bool:
        """Whether the answer is any number of messages."""
        return self.name.startswith("Stream")


@cache
def messages() -> Mapping[str, Any]:
    """The message classes by name."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(name=f"{_PACKAGE}.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in _MESSAGES.items():
        _declare(file.message_type.add(name=name), fields)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}")) for name in _MESSAGES}


@cache
def methods() -> tuple[Method, ...]:
    """Every method a stand-in answers."""
    known = messages()
    return tuple(
        Method(service, name, known[question].FromString, known[answer].SerializeToString)
        for (service, name), (question, answer) in METHODS.items()
    )


def _declare(message: Any, fields: str) -> None:
    """Add the fields of one line of the table to a message descriptor."""
    for one_of, number, name, kind, many in _FIELD.findall(fields):
        field = message.field.add(name=name, number=int(number), label=_REPEATED if many else _OPTIONAL)
        if kind in _SCALARS:
            field.type = _SCALARS[kind]
        else:
            field.type, field.type_name = _MESSAGE_TYPE, f".{_PACKAGE}.{kind}"
        if one_of:
            if not message.oneof_decl:
                message.oneof_decl.add(name="selector")
            field.oneof_index = 0

"""A provider's schema, derived from the TypeScript of its bindings.

The shape is that of `terraform providers schema -json`: a block is {"attributes": {...}, "block_types": {...}}. What the
generator of the bindings did not write down (defaults, replacement, secrecy) is in `overlay`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modules.rehearsal.standin.bindings import provider_version, sources

Block = dict[str, Any]

_CHUNK = re.compile(r"^export (?:function|class|interface) (\w+)([^\n]*) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
#: One argument as the function that writes HCL names it.
_ENTRY = re.compile(
    r"^ +\"?(\w+)\"?: \{\n +value: (.*),\n +isBlock: (true|false),\n +type: \"(\w+)\",\n +storageClassType: \"(\w+)\",\n", re.MULTILINE
)
#: One property of a class, with the two lines that say what it is.
_MEMBER = re.compile(r"^  // (\w+) - computed: (\w+), optional: (\w+), required: (\w+)\n(.*)\n(.*)\n", re.MULTILINE)
_OPTIONAL_FIELD = re.compile(r"^  readonly (\w+)(\??):", re.MULTILINE)
_WRITER = re.compile(r"(?<!cdktf\.)\b(\w+)ToHclTerraform")
_PROPERTY = re.compile(r"(?:struct!?|this)\._?(\w+)")
_STORAGE = re.compile(r"(string|number|boolean|any)((?:Map|List)*)$", re.IGNORECASE)
_GETTER = re.compile(r"get(\w*?)Attribute\('")
_PRIMITIVES = {"string": "string", "number": "number", "boolean": "bool", "any": "dynamic"}
_NESTING = {"struct": "single", "list": "list", "set": "set", "map": "map"}
#: Providers made with the newer framework have nested attributes where those made with the older SDK have blocks.
_WITH_NESTED_ATTRIBUTES = {"helm"}
_TERRAFORMS_OWN = {"alias"}


def derive(provider: str, kinds: Collection[str] | None = None) -> dict[str, Any]:
    """{"source", "version", "provider", "resources", "data_sources"} of hashicorp/<provider>. kinds: resource types wanted; None: all.

    Raises HubError when the bindings are not installed, ValueError when they are written in a way this does not read.
    """
    found: dict[str, Any] = {"source": f"hashicorp/{provider}", "version": None, "provider": None, "resources": {}, "data_sources": {}}
    for text in _wanted(provider, kinds):
        found["version"] = found["version"] or provider_version(text)
        reader = _Reader({name: (head, body) for name, head, body in _CHUNK.findall(text)}, provider in _WITH_NESTED_ATTRIBUTES)
        for base, name, block in reader.constructs():
            if base == "Provider":
                found["provider"] = {**block, "attributes": _without(block["attributes"], _TERRAFORMS_OWN)}
            else:
                found["resources" if base == "Resource" else "data_sources"][name] = block
    return found


def _wanted(provider: str, kinds: Collection[str] | None) -> Iterator[str]:
    """The sources that hold the provider or a wanted resource. The folder's name says which it is, unread."""
    folders = None if kinds is None else {kind.removeprefix(f"{provider}_").replace("_", "-") for kind in kinds} | {"provider"}
    yield from sources(provider, folders).values()


def _without(attributes: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: attribute for name, attribute in attributes.items() if name not in names}


@dataclass(frozen=True)
class _Reader:
    """chunks: every function, class and interface of one construct by name. nested: structs are attributes, not blocks."""

    chunks: Mapping[str, tuple[str, str]]
    nested: bool

    def constructs(self) -> Iterator[tuple[str, str, Block]]:
        """("Resource" | "DataSource" | "Provider", its type, its block)."""
        for name, (head, body) in self.chunks.items():
            base = re.search(r"extends cdktf\.Terraform(Resource|DataSource|Provider)$", head)
            kind = re.search(r"^ +terraformResourceType: '([\w-]+)'", body, re.MULTILINE)
            if base and kind:
                writer = body[body.index("synthesizeHclAttributes") :]
                yield base[1], kind[1], self._block(writer, body, self._body(f"{name}Config"))

    def _body(self, name: str) -> str:
        return self.chunks[name][1] if name in self.chunks else ""

    def _struct(self, name: str) -> Block:
        """The block of a struct, by the name of its interface."""
        writer = self._body(f"{name[0].lower()}{name[1:]}ToHclTerraform")
        return self._block(writer, self._body(f"{name}OutputReference"), self._body(name))

    def _block(self, writer: str, members: str, fields: str) -> Block:
        """writer: the function that lists the arguments. members: the class that knows all flags. fields: the interface, which
        knows what is optional where there is no class."""
        block: Block = {"attributes": {}, "block_types": {}}
        flags = {name: _flags(*three) for name, *three, _, _ in _MEMBER.findall(members)}
        optional = dict(_OPTIONAL_FIELD.findall(fields))
        for name, value, is_block, kind, storage in _ENTRY.findall(writer):
            known = flags.get(name) or _flags("false", *_by_interface(optional, value))
            struct = _WRITER.search(value) if is_block == "true" else None
            if struct is None:
                block["attributes"][name] = {"type": _argument_type(storage, kind), **known}
            else:
                self._add_struct(block, name, struct[1], value, kind, known)
        for name, computed, is_optional, required, first, second in _MEMBER.findall(members):
            if name not in block["attributes"] and name not in block["block_types"]:
                block["attributes"][name] = {**self._computed(name, first, second), **_flags(computed, is_optional, required)}
        return block

    def _add_struct(self, block: Block, name: str, struct: str, value: str, kind: str, flags: Mapping[str, bool]) -> None:
        inner, nesting = self._struct(f"{struct[0].upper()}{struct[1:]}"), _NESTING[kind]
        many = "listMapperHcl" in value
        if self.nested or (many and ", false)" in value):
            block["attributes"][name] = {"nested_type": {"attributes": inner["attributes"], "nesting_mode": nesting}, **flags}
            return
        entry: Block = {"nesting_mode": nesting, "block": inner}
        if nesting in ("list", "set"):
            entry |= ({} if many else {"max_items": 1}) | ({"min_items": 1} if flags.get("required") else {})
        block["block_types"][name] = entry

    def _computed(self, name: str, first: str, second: str) -> Block:
        """The type of an attribute that nobody may set, from the lines of its property."""
        if getter := _GETTER.search(second):
            kind = getter[1] if _STORAGE.match(getter[1]) else f"String{getter[1]}"
            return {"type": _argument_type(kind, "set" if "Fn.tolist" in second else "")}
        if plain := re.search(r"new cdktf\.(\w+)\(this", first):
            return {"type": _argument_type(plain[1], "")}
        if one := re.search(r"new (\w+?)(List|OutputReference)\(this, \"\w+\"(, true)?", first):
            inner, nesting = self._struct(one[1])["attributes"], "list" if one[2] == "List" else "single"
            for attribute in inner.values():
                attribute.update({"computed": True})
            if self.nested:
                return {"nested_type": {"attributes": inner, "nesting_mode": nesting}}
            return {"type": ["set" if one[3] else "list", ["object", {key: each["type"] for key, each in inner.items()}]]}
        raise ValueError(f"the bindings tell the type of {name} in an unknown way: {first.strip()} {second.strip()}")


def _flags(computed: str, optional: str, required: str) -> dict[str, bool]:
    """Only what is true: left out is false, as in Terraform's own schema documents."""
    return {name: True for name, said in (("computed", computed), ("optional", optional), ("required", required)) if said == "true"}


def _by_interface(optional: Mapping[str, str], value: str) -> tuple[str, str]:
    """("true", "false") for an argument that may be left out, ("false", "true") for one that may not."""
    name = _PROPERTY.search(value)
    may_be_left_out = name is None or optional.get(name[1], "?") == "?"
    return ("true", "false") if may_be_left_out else ("false", "true")


def _argument_type(storage: str, kind: str) -> Any:
    """cty's name for a type: "stringMap" is ["map", "string"], "stringMapList" a list of those; kind "set" makes the list a set."""
    match = _STORAGE.match(storage)
    if match is None:
        raise ValueError(f"the bindings have a type {storage}")
    found: Any = _PRIMITIVES[match[1].lower()]
    for collection in re.findall("Map|List", match[2]):
        found = [collection.lower(), found]
    return ["set", found[1]] if kind == "set" and isinstance(found, list) else found

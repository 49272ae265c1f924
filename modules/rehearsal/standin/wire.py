"""Values as Terraform sends them, to Python values and back."""

from __future__ import annotations

import json
from typing import Any, Final

import msgpack

#: cty's extension codes: unknown, and unknown with what is known about it all the same.
#: https://github.com/hashicorp/terraform/blob/main/docs/plugin-protocol/object-wire-format.md
_UNKNOWN, _REFINED_UNKNOWN = 0, 12


class Unknown:
    """A value that only apply will tell. There is one: `UNKNOWN`, compared with `is`."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __copy__(self) -> Unknown:
        return self

    def __deepcopy__(self, _memo: dict[int, Any]) -> Unknown:
        return self


UNKNOWN: Final = Unknown()


def decode(packed: bytes, text: bytes = b"") -> Any:
    """The value of a DynamicValue message, given its two fields; None when both are empty. Raises ValueError for neither format."""
    if packed:
        return msgpack.unpackb(packed, ext_hook=_extension, strict_map_key=False)
    return json.loads(text) if text else None


def encode(value: Any) -> bytes:
    """A value as msgpack, UNKNOWN included. Raises TypeError for what Terraform has no type for."""
    packed: bytes = msgpack.packb(value, default=_pack)
    return packed


def is_known(value: Any) -> bool:
    """Whether nothing in `value`, at any depth, is unknown."""
    if isinstance(value, dict):
        return all(is_known(each) for each in value.values())
    if isinstance(value, (list, tuple)):
        return all(is_known(each) for each in value)
    return value is not UNKNOWN


def without_unknown(value: Any) -> Any:
    """`value` with None where it was UNKNOWN, at any depth."""
    if isinstance(value, dict):
        return {key: without_unknown(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_unknown(each) for each in value]
    return None if value is UNKNOWN else value


def _extension(code: int, _data: bytes) -> Unknown:
    if code in (_UNKNOWN, _REFINED_UNKNOWN):
        return UNKNOWN
    raise ValueError(f"Terraform sent a value with the extension code {code}")


def _pack(value: Any) -> msgpack.ExtType:
    if value is UNKNOWN:
        return msgpack.ExtType(_UNKNOWN, b"\0")
    raise TypeError(f"{type(value).__name__} has no place in a Terraform value")

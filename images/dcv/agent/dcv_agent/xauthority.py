"""The X cookie of the session, rewritten so that every pod of the node may use it.

Format: Xau(3), a list of records, each a family (16 bit, big endian) and four strings (address, display number, name, data) that
carry their length in front (16 bit, big endian).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace

from dcv_agent.errors import Trouble

_WILD = 0xFFFF  # FamilyWild: the record holds for every address, as application pods have other host names.
_COOKIE = b"MIT-MAGIC-COOKIE-1"


@dataclass(frozen=True, repr=False)
class Record:
    """One line of an X authority file; it is not shown, as its data are the key to the display."""

    family: int
    address: bytes
    number: bytes
    name: bytes
    data: bytes


def parse(content: bytes) -> list[Record]:
    """The records of an X authority file; Trouble when it ends in the middle of one."""
    records, at = [], 0
    try:
        while at < len(content):
            (family,) = struct.unpack_from(">H", content, at)
            at, parts = at + 2, []
            for _ in range(4):
                (length,) = struct.unpack_from(">H", content, at)
                parts.append(content[at + 2 : at + 2 + length])
                if len(parts[-1]) != length:
                    raise struct.error
                at += 2 + length
            records.append(Record(family, *parts))
    except struct.error:
        raise Trouble("the session's X authority file is cut short", code="garbage") from None
    return records


def render(records: list[Record]) -> bytes:
    """The records as an X authority file."""
    return b"".join(_rendered(record) for record in records)


def shared(content: bytes, number: int) -> bytes:
    """The session's cookie for its own number and for 0 (the door), for every address; Trouble when the file has none."""
    numbers = (str(number).encode(), b"")
    cookies = [record for record in parse(content) if record.name == _COOKIE and record.number in numbers]
    if not cookies:
        raise Trouble(f"the session's X authority file has no cookie for display :{number}")
    wild = replace(cookies[0], family=_WILD, address=b"")
    return render([replace(wild, number=str(each).encode()) for each in dict.fromkeys((number, 0))])


def _rendered(record: Record) -> bytes:
    parts = (record.address, record.number, record.name, record.data)
    return struct.pack(">H", record.family) + b"".join(struct.pack(">H", len(part)) + part for part in parts)

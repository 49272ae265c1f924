"""Which name servers the world is sent to for a zone: one question to this machine's resolver, by RFC 1035.

The standard library resolves hosts only, and this one question is not worth a dependency.
"""

from __future__ import annotations

import secrets
import socket
import struct
from pathlib import Path

_NS, _IN, _PORT = 2, 1, 53
_SECONDS = 3.0
#: Response codes that answer the question; others are the resolver's own trouble.
_NO_ERROR, _NO_SUCH_NAME = 0, 3
_RESOLVERS = Path("/etc/resolv.conf")


def name_servers(zone: str) -> frozenset[str] | None:
    """Names in small letters without the last dot, empty when the zone is delegated to nobody; None when no resolver answers."""
    id = secrets.randbits(16)
    question = struct.pack(">6H", id, 0x0100, 1, 0, 0, 0) + _encoded(zone) + struct.pack(">2H", _NS, _IN)
    for address in _resolvers():
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as line:
                line.settimeout(_SECONDS)
                line.connect((address, _PORT))
                line.send(question)
                found = read_answer(line.recv(4096), id)
        except OSError:
            continue
        if found is not None:
            return found
    return None


def read_answer(answer: bytes, id: int) -> frozenset[str] | None:
    """The name servers in one answer; None for an answer that says nothing, or belongs to another question."""
    try:
        got, flags, questions, answers, _, _ = struct.unpack_from(">6H", answer)
        if got != id or flags & 0x0F not in (_NO_ERROR, _NO_SUCH_NAME):
            return None
        at = 12
        for _ in range(questions):
            at = _name(answer, at)[1] + 4
        found = set()
        for _ in range(answers):
            at = _name(answer, at)[1]
            kind, _, _, length = struct.unpack_from(">2HIH", answer, at)
            at += 10
            if kind == _NS:
                found.add(_name(answer, at)[0])
            at += length
    except (struct.error, IndexError, UnicodeDecodeError):
        return None
    return frozenset(found)


def _encoded(name: str) -> bytes:
    labels = [label.encode("ascii") for label in name.rstrip(".").split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _name(answer: bytes, at: int) -> tuple[str, int]:
    """A name and where it ends; the rest of it may stand elsewhere (a pointer). Raises IndexError for one without an end."""
    labels: list[str] = []
    end = 0
    # A name has at most 127 labels; more jumps than that go round in a circle.
    for _ in range(128):
        length = answer[at]
        if length >= 0xC0:
            end = end or at + 2
            at = (length & 0x3F) << 8 | answer[at + 1]
        elif length:
            labels.append(answer[at + 1 : at + 1 + length].decode("ascii").lower())
            at += 1 + length
        else:
            return ".".join(labels), end or at + 1
    raise IndexError


def _resolvers() -> list[str]:
    try:
        lines = _RESOLVERS.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    words = [line.split() for line in lines]
    return [each[1] for each in words if len(each) > 1 and each[0] == "nameserver"][:2]

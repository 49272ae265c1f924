"""A user's name on pods, as KubeSpawner 7 writes it on servers, so that one selector finds both."""

from __future__ import annotations

import hashlib
import re

#: The label and annotation z2jh puts on users' servers.
USERNAME = "hub.jupyter.org/username"
#: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
_VALUE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_LENGTH, _DIGEST = 32, 8


def label(name: str) -> str:
    """`name` where it may be the value of a label, else letters of it with a digest, so that no two names meet."""
    if "--" not in name and _VALUE.fullmatch(name):
        return name
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).lstrip("-")
    short = plain[: _LENGTH - _DIGEST - 3].rstrip("-")
    if not short[:1].isalpha():
        short = f"x-{short[: _LENGTH - _DIGEST - 5]}" if short else "x"
    return f"{short}---{hashlib.sha256(name.encode()).hexdigest()[:_DIGEST]}"

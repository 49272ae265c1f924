"""What the engine does wrong without a word, looked for in what it wrote (docs/architecture.md, "Engine traps")."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from modules.aspects.document import bodies

#: A token that was sliced, lowered or otherwise worked on no longer resolves, and its remains stand in the output.
_TOKEN = re.compile(r"TfToken\[|\$\{TfToke|tftoken\[", re.IGNORECASE)
#: Numbers that stand for tokens are huge negatives; arithmetic on one gives another huge negative.
_NUMBER_TOKEN = re.compile(r"-1\.88815458970\d+e\+?289")


def broken_tokens(document: dict[str, Any]) -> list[str]:
    """`path: what is wrong` for every resource that holds the remains of a token."""
    found = []
    for body in bodies(document):
        text = json.dumps(body.values)
        if _TOKEN.search(text) or _NUMBER_TOKEN.search(text):
            found.append(
                f"{body.path}: holds the remains of a token; Python must not slice, change or calculate with a value of Terraform's"
            )
    return found


def lost_keys(document: dict[str, Any]) -> list[str]:
    """`path: what is wrong` for every nested block that came out empty: a dict where a typed struct belongs loses its keys."""
    return [
        f"{body.path}: {where} came out empty; pass the typed struct, because a dict inside a list loses its snake_case keys"
        for body in bodies(document)
        for where in _empty_blocks(body.values, "")
    ]


def _empty_blocks(value: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict):
        if where.endswith("]") and all(inner is None for inner in value.values()):
            yield where
        for key, inner in value.items():
            yield from _empty_blocks(inner, f"{where}.{key}" if where else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _empty_blocks(inner, f"{where}[{index}]")

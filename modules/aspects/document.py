"""Reading a synthesised stack: its resources with their construct paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Body:
    """One resource of a cdk.tf.json. path: the construct path; address: Terraform's."""

    path: str
    address: str
    type: str
    values: dict[str, Any]


def bodies(document: dict[str, Any]) -> Iterator[Body]:
    """Every managed resource of a parsed cdk.tf.json."""
    for type_, named in document.get("resource", {}).items():
        for name, values in named.items():
            path = values.get("//", {}).get("metadata", {}).get("path", f"{type_}.{name}")
            yield Body(path, f"{type_}.{name}", type_, {key: value for key, value in values.items() if key != "//"})

"""What comes after what: the graph of one synthesised stack, and of the stacks."""

from __future__ import annotations

import json
import re
from typing import Any

from modules.aspects.document import Body, bodies

_REFERENCE = re.compile(r"\b([a-z][a-z0-9_]*_[a-z0-9_]+\.[A-Za-z0-9_-]+)")


class Graph:
    """Edges of one stack as Terraform draws them: `depends_on` and references. Creation follows them, removal goes against them."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.bodies: dict[str, Body] = {body.address: body for body in bodies(document)}
        # A local or a data source may stand between two resources.
        self._texts = {address: json.dumps(body.values) for address, body in self.bodies.items()}
        self._texts |= {f"local.{name}": json.dumps(value) for name, value in document.get("locals", {}).items()}

    def after(self, address: str) -> set[str]:
        """Every resource that is there before `address` is made, and goes after it."""
        found: set[str] = set()
        left = [address]
        while left:
            for other in self._direct(left.pop()) - found:
                found.add(other)
                left.append(other)
        return {each for each in found if each in self.bodies}

    def _direct(self, address: str) -> set[str]:
        text = self._texts[address]
        named = {match for match in _REFERENCE.findall(text) if match in self._texts}
        named |= {f"local.{name}" for name in re.findall(r"\blocal\.([A-Za-z0-9_-]+)", text) if f"local.{name}" in self._texts}
        return named - {address}

    def of_type(self, *types: str) -> list[Body]:
        """Resources of these types; a type that ends in `_` stands for all that begin so."""
        return [b for b in self.bodies.values() if any(b.type == t or (t.endswith("_") and b.type.startswith(t)) for t in types)]


def upstream(manifest: dict[str, Any], stack: str) -> set[str]:
    """The stacks that are applied before `stack`, and destroyed after it."""
    found: set[str] = set()
    left = [stack]
    while left:
        for other in set(manifest["stacks"][left.pop()].get("dependencies", ())) - found:
            found.add(other)
            left.append(other)
    return found

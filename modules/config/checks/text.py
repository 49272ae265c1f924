"""Checks on every piece of text in a file, before it has a type: forgotten placeholders, interpolation, pasted secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from modules.config.problems import Path, Problem, problem
from modules.config.redact import secret_shape

if TYPE_CHECKING:
    from modules.config.load import Loaded

_PLACEHOLDER = re.compile(r"CHANGE[-_ ]?ME|REPLACE[-_ ]?ME|<your[ -][^>]*>", re.IGNORECASE)


def run_text_checks(loaded: Loaded) -> list[Problem]:
    """A problem for each text that must not stand in a configuration. The text itself is never repeated."""
    found = []
    for path, text in _texts(loaded.document.data, ()):
        message = _fault(text)
        if message:
            source = loaded.source(path)
            found.append(problem(source.file, path, message, source.line))
    return found


def _fault(text: str) -> str | None:
    kind = secret_shape(text)
    if kind:
        return f"looks like {kind}. Revoke it if it was shared, store the new one with ./hub secrets set, and write the secret's name here."
    if _PLACEHOLDER.search(text):
        return "still holds a placeholder. Write the real value."
    if "${" in text or "%{" in text:
        return "holds ${ or %{, which Terraform would read as an expression. Write the value itself."
    if any(ord(char) < 32 and char not in "\n\t" for char in text):
        return "holds a control character. Type the value anew."
    return None


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text below `value`, keys of mappings included."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key), key
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*path, index))

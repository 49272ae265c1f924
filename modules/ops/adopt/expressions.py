"""Reading the few Terraform expressions that stand where an import id needs a value.

Knows literals, `${...}` around a reference, references with attributes and indexes, and the functions `one` and
`tolist`. Everything else is an UnknownValueError: the resource is then left to Terraform.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from modules.ops.adopt.model import UnknownValueError

#: Gives the value of a head: ("aws_vpc", "main"), ("data", "aws_route53_zone", "zone") or ("local", "name"), and the
#: attribute that follows it ("" at the end of the expression).
Lookup = Callable[[tuple[str, ...], str], Any]

_PART = re.compile(r"\$\{(?P<inner>[^{}]*)\}")
_TOKEN = re.compile(r"\s*(?:(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|(?P<number>\d+)|(?P<mark>[.\[\]()]))")
_FUNCTIONS = {"one", "tolist"}


def evaluate(value: Any, lookup: Lookup) -> Any:
    """The value that an argument of a stack's document stands for. Raises UnknownValueError."""
    if not isinstance(value, str) or "${" not in value:
        return value
    whole = _PART.fullmatch(value)
    if whole is not None:
        return _Reader(whole["inner"], lookup).all()
    text = _PART.sub(lambda part: str(_Reader(part["inner"], lookup).all()), value)
    if "${" in text:
        raise UnknownValueError(value)
    return text


class _Reader:
    """A recursive reader of one expression."""

    def __init__(self, text: str, lookup: Lookup) -> None:
        self._text = text.strip()
        self._lookup = lookup
        self._tokens = list(self._split())
        self._at = 0

    def all(self) -> Any:
        value = self._expression()
        if self._at != len(self._tokens):
            raise UnknownValueError(self._text)
        return value

    def _split(self) -> list[str]:
        tokens, at = [], 0
        while at < len(self._text):
            match = _TOKEN.match(self._text, at)
            if match is None:
                raise UnknownValueError(self._text)
            tokens.append(match.group().strip())
            at = match.end()
        return tokens

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, expected: str = "") -> str:
        token = self._peek()
        if not token or (expected and token != expected):
            raise UnknownValueError(self._text)
        self._at += 1
        return token

    def _expression(self) -> Any:
        head = self._take()
        if self._peek() == "(":
            return self._suffixes(self._call(head))
        names = [head]
        for _ in range(2 if head == "data" else 1):
            self._take(".")
            names.append(self._take())
        attribute = ""
        if self._peek() == ".":
            self._take()
            attribute = self._take()
        return self._suffixes(self._lookup(tuple(names), attribute))

    def _call(self, function: str) -> Any:
        if function not in _FUNCTIONS:
            raise UnknownValueError(self._text)
        self._take("(")
        value = self._expression()
        self._take(")")
        if function == "tolist":
            return value
        if not isinstance(value, list) or len(value) != 1:
            raise UnknownValueError(self._text)
        return value[0]

    def _suffixes(self, value: Any) -> Any:
        while self._peek() in {".", "["}:
            closing = self._take() == "["
            key = self._take()
            if closing:
                self._take("]")
            try:
                value = value[int(key) if closing else key]
            except (KeyError, IndexError, TypeError, ValueError):
                raise UnknownValueError(self._text) from None
        return value

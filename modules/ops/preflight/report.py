"""Preflight's table for people, and its object for machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from modules.ops.preflight.check import Result
from modules.ops.progress import human

_MARKS = {"ok": "✔", "note": "!", "error": "✖", "unchecked": "?"}
_STYLES = {"ok": "", "note": "warn", "error": "bad", "unchecked": "warn"}


def table(results: Sequence[Result]) -> list[tuple[str, str]]:
    """Lines with their styles (see say.styled): one a check, and under it one a finding with its fix."""
    width = max((len(each.name) for each in results), default=0)
    lines: list[tuple[str, str]] = []
    for each in results:
        lines.append((_STYLES[each.state], f"{_MARKS[each.state]} {each.name:<{width}}  {each.said} · {human(each.seconds)}"))
        lines += [(_STYLES[each.state], f"    {line}") for line in _under(each)]
    return lines


def _under(result: Result) -> Iterator[str]:
    yield from result.unchecked.splitlines()
    for each in result.findings:
        yield f"{_MARKS[each.severity]} {each.where}: {each.what}"
        if each.fix:
            yield f"    what to do  {each.fix}"


def sentence(results: Sequence[Result]) -> str:
    """`2 checks, 1 note`, as a step of an install says it."""
    counts = {
        "error": sum(each.severity == "error" for result in results for each in result.findings),
        "note": sum(each.severity == "note" for result in results for each in result.findings),
    }
    parts = [_plural(len(results), "check"), *(_plural(number, noun) for noun, number in counts.items() if number)]
    unchecked = sum(result.state == "unchecked" for result in results)
    return ", ".join([*parts, *([f"{unchecked} not possible"] if unchecked else [])])


def as_data(results: Sequence[Result]) -> list[dict[str, Any]]:
    """The same for machines; seconds are rounded to thousandths."""
    return [
        {
            "check": each.name,
            "state": each.state,
            "said": each.said,
            "seconds": round(each.seconds, 3),
            "findings": [vars(finding) for finding in each.findings],
            **({"unchecked": each.unchecked} if each.unchecked else {}),
        }
        for each in results
    ]


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

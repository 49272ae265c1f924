"""Pieces of Markdown as GitHub shows it; what comes out of a plan cannot break out of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

_BREAKS = re.compile(r"`|\s+")


def code(text: str) -> str:
    """Text in the type of code, on one line: a value of a plan is no Markdown, no table cell's end and no mention of anybody."""
    return f"`{_plain(text)}`"


def _plain(text: str) -> str:
    return _BREAKS.sub(lambda found: "'" if found[0] == "`" else " ", text)


def sentence(text: str) -> str:
    """Words of AWS's or Terraform's within a sentence, with nothing that Markdown or GitHub would act on."""
    escaped = re.sub(r"([\\*_\[\]#~])", r"\\\1", _plain(text)).replace("<", "&lt;").replace(">", "&gt;").replace("|", "&#124;")
    # A space of no width after it, else GitHub would write to whoever is named so.
    return escaped.replace("@", "@\u200b")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table; columns whose head starts with `>` stand on the right."""
    names = [each.removeprefix(">") for each in head]
    rule = ["--:" if each.startswith(">") else "---" for each in head]
    return [f"| {' | '.join(row)} |" for row in (names, rule, *rows)]


def red(lines: Sequence[str]) -> list[str]:
    """Lines that GitHub shows on red."""
    return ["```diff", *(f"- {_plain(line)}" for line in lines), "```"]


def folded(title: str, lines: Sequence[str]) -> list[str]:
    """Lines behind a title that opens on a click; nothing for no lines."""
    return ["", f"<details><summary>{title}</summary>", "", *lines, "", "</details>"] if lines else []

"""Mistakes in a configuration, as data and as the text an operator reads.

A message never carries a value that looks like a secret: `problem()` is the only maker, and it redacts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from modules.common.errors import HubError
from modules.config.redact import redact

#: Keys and indices from the top of hub.yaml down to one value.
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One mistake. `path` is "" when the whole file is at fault; `message` says what is wrong and ends with the fix."""

    file: str
    path: str
    message: str
    line: int = field(default=0, compare=False)


class ConfigErrors(HubError):
    """Everything that is wrong with one env, at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda each: (each.file, each.line)))
        super().__init__(render(self.problems))

    def __str__(self) -> str:
        return self.what


def problem(file: str, path: Path, message: str, line: int = 0) -> Problem:
    """A Problem whose path and message carry nothing secret-shaped."""
    return Problem(file, redact(path_text(path)), redact(message), line)


def path_text(path: Path) -> str:
    """`hub.profiles[2].pool` of ("hub", "profiles", 2, "pool")."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean "gpu"?` when one of `known` is close to `word`, else the list of what is known."""
    names = sorted(known)
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f'; did you mean "{close[0]}"?'
    return f" ({', '.join(names)})" if names else " (there is none)"


def render(problems: Sequence[Problem]) -> str:
    """One block a file: a heading with the count, then aligned columns of path and message."""
    blocks = []
    for file in dict.fromkeys(each.file for each in problems):
        rows = [each for each in problems if each.file == file]
        noun = "problem" if len(rows) == 1 else "problems"
        width = max(len(each.path) for each in rows)
        lines = [f"{file}: {len(rows)} {noun}"]
        lines += [f"  {each.path:<{width}}  {each.message}" if width else f"  {each.message}" for each in rows]
        blocks.append("\n".join(lines))
    return "\n".join(blocks)

"""A sentence for the mistake that YAML reports worst: a line that stands one column off, as in Hydroplane's own documentation."""

from __future__ import annotations

#: What PyYAML says when a line closes one block and does not stand in the one it falls back to.
_OFF = "expected <block end>"


def indentation(text: str, line: int, problem: str) -> str | None:
    """Which line to move and where to, or None when the mistake on `line` (from 1) is of another kind."""
    lines = text.splitlines()
    if not problem.startswith(_OFF) or not 0 < line <= len(lines):
        return None
    here = lines[line - 1]
    width = _width(here)
    for above in range(line - 1, 0, -1):
        other = lines[above - 1]
        if other.strip() and not other.lstrip().startswith("#") and _width(other) < width:
            beside = _sibling(lines, above, _width(other))
            block = "" if _alone(lines, line, width) else ", and the lines below it with it"
            return (
                f"{_key(here)} stands {_spaces(width)} in, where no block is. "
                f"Move it {width - _width(other)} to the left{block}, so that it stands beside {_key(lines[beside - 1])} on line {beside}."
            )
    return f"{_key(here)} is indented by {_spaces(width)} and nothing above it is less so. Move it to the left margin."


def _sibling(lines: list[str], above: int, width: int) -> int:
    """The first line of the block that `above` stands in: what the moved line will stand beside."""
    first = above
    for number in range(above, 0, -1):
        text = lines[number - 1]
        if text.strip() and _width(text) < width:
            break
        if text.strip() and _width(text) == width:
            first = number
    return first


def _alone(lines: list[str], line: int, width: int) -> bool:
    return line >= len(lines) or not lines[line].strip() or _width(lines[line]) <= width


def _width(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _spaces(count: int) -> str:
    return f"{count} space{'' if count == 1 else 's'}"


def _key(text: str) -> str:
    return f'"{text.strip().split(":")[0]}:"' if ":" in text else "this line"

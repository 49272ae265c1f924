"""Laying one file over the file it extends.

Mappings merge key by key. Anything else replaces what it lies over: a list, a word, null (which switches a part off). `+key`
appends its list to the inherited one.
"""

from __future__ import annotations

from typing import Any

from modules.config.problems import Path, Problem, problem
from modules.config.yaml_file import Document, Source

APPEND = "+"


def merge(base: Document, over: Document) -> Document:
    """`base` with `over` laid on top; both stay as they are."""
    result = Document({}, dict(base.sources))
    result.data = _mapping(base.data, over.data, (), over.sources, result.sources)
    return result


def leftover_appends(document: Document) -> list[Problem]:
    """A problem for every `+key` that found no inherited list to append to."""
    found: list[Problem] = []
    _walk(document.data, (), document, found)
    return found


def _mapping(base: dict[str, Any], over: dict[str, Any], path: Path, from_: dict[Path, Source], to: dict[Path, Source]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        at = (*path, key)
        inherited = result.get(key)
        target = key.removeprefix(APPEND)
        if target != key and isinstance(value, list) and isinstance(result.get(target), list):
            start = len(result[target])
            result[target] = [*result[target], *value]
            _move(at, (*path, target), from_, to, start)
        elif isinstance(value, dict) and isinstance(inherited, dict):
            if at in from_:
                to[at] = from_[at]
            result[key] = _mapping(inherited, value, at, from_, to)
        else:
            _forget(at, to)
            result[key] = value
            _move(at, at, from_, to, 0)
    return result


def _forget(path: Path, sources: dict[Path, Source]) -> None:
    for each in [known for known in sources if known[: len(path)] == path]:
        del sources[each]


def _move(path: Path, target: Path, from_: dict[Path, Source], to: dict[Path, Source], start: int) -> None:
    """Copy the sources at and below `path` to `target`; indices of an appended list move up by `start`."""
    for known, source in from_.items():
        if known[: len(path)] != path:
            continue
        rest = known[len(path) :]
        if start and rest and isinstance(rest[0], int):
            rest = (rest[0] + start, *rest[1:])
        if not (start and not rest):
            to[(*target, *rest)] = source


def _walk(value: Any, path: Path, document: Document, found: list[Problem]) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            at = (*path, key)
            if key.startswith(APPEND):
                source = document.sources.get(at, Source("", 0))
                if isinstance(inner, list):
                    message = f"has no inherited list to append to. Write {key[1:]} without the plus."
                else:
                    message = f"only lists are appended to. Write {key[1:]} without the plus; mappings merge by themselves."
                found.append(problem(source.file, at, message, source.line))
            _walk(inner, at, document, found)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _walk(inner, (*path, index), document, found)

"""The settings file as plain data that remembers the line of every key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from modules.launcher.settings.indentation import indentation

Path = tuple[str | int, ...]
#: Settings are a page of text; more is an alias bomb.
_MOST_VALUES = 5_000


@dataclass(frozen=True)
class Problem:
    """One mistake. message: what is wrong and, at its end, what to do; never a value that may be secret."""

    line: int
    path: Path
    message: str

    def __str__(self) -> str:
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path).lstrip(".")
        return f"line {self.line}, {where}: {self.message}" if where else f"line {self.line}: {self.message}"


@dataclass
class Document:
    """data: mappings, lists and plain values. lines: the line, from 1, of each key and list item."""

    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of the value at `path`, or of the nearest thing around it."""
        return next((self.lines[path[:length]] for length in range(len(path), 0, -1) if path[:length] in self.lines), 1)


def read(text: str) -> Document:
    """The document in `text`, with what is wrong with it as YAML."""
    document = Document()
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        told = indentation(text, line, error.problem or "")
        document.problems.append(Problem(line, (), told or f"is not YAML: {error.problem}. Mind indentation, quotes and colons."))
        return document
    except (yaml.YAMLError, RecursionError):
        document.problems.append(Problem(1, (), "is not YAML, or nested too deeply. Save the file as UTF-8 text."))
        return document
    if isinstance(node, yaml.MappingNode):
        document.data = _mapping(node, (), document)
    else:
        document.problems.append(Problem(1, (), "must be a mapping. Begin with secret_store: and runtime:."))
    return document


def _value(node: yaml.Node, path: Path, document: Document) -> Any:
    document.lines.setdefault(path, node.start_mark.line + 1)
    if len(document.lines) > _MOST_VALUES or len(path) > 20:
        raise RecursionError
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, index), document) for index, item in enumerate(node.value)]
    try:
        return yaml.SafeLoader("").construct_object(node)
    except (yaml.YAMLError, ValueError):
        document.problems.append(Problem(document.line(path), path, "carries a YAML tag or a date. Write plain text, in quotes."))
        return None


def _mapping(node: yaml.MappingNode, path: Path, document: Document) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in found:
            first = document.lines[(*path, key)]
            document.problems.append(Problem(line, (*path, key), f"is written twice, first on line {first}. Keep one."))
            continue
        document.lines[(*path, key)] = line
        found[key] = _value(value_node, (*path, key), document)
    return found

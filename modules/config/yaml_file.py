"""Reading one YAML file into plain data that remembers the line of every value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from modules.config.problems import Path, Problem, problem

#: More values than this is no configuration but an alias bomb.
_MOST_VALUES = 20_000
#: YAML 1.1 reads 2026-10-01 as a date; image tags look like that, and nothing here is a date.
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_COLLECTIONS = frozenset({"tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"})


@dataclass(frozen=True)
class Source:
    """Where a value was written. `file` is relative to the repository root."""

    file: str
    line: int


@dataclass
class Document:
    """Plain data, and the source of every value in it."""

    data: dict[str, Any] = field(default_factory=dict)
    sources: dict[Path, Source] = field(default_factory=dict)


def parse(text: str, file: str) -> tuple[Document, list[Problem]]:
    """The document in `text`, and what is wrong with it as YAML (duplicate keys, tabs, tags, merge keys)."""
    reader = _Reader(file)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        return Document(), [problem(file, (), f"line {line} is not YAML: {error.problem}. Mind indentation, quotes and colons.", line)]
    except yaml.YAMLError:
        return Document(), [problem(file, (), "is not YAML: it holds a character that no text file has. Save it as UTF-8 text.")]
    except RecursionError:
        return Document(), [problem(file, (), "is nested too deeply to be a configuration.")]
    if node is None:
        return Document(), [problem(file, (), "is empty. A minimal env is name, region, aws.account, domain, auth and hub.")]
    if not isinstance(node, yaml.MappingNode):
        return Document(), [problem(file, (), "must be a mapping at the top (name: ..., region: ...).", 1)]
    reader.document.data = reader.mapping(node, ())
    return reader.document, reader.problems


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.document = Document()
        self.problems: list[Problem] = []
        self._open: set[int] = set()
        self._count = 0
        self._scalars = yaml.SafeLoader("")

    def _complain(self, path: Path, node: yaml.Node, message: str) -> None:
        self.problems.append(problem(self.file, path, message, node.start_mark.line + 1))

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.document.sources[path] = Source(self.file, node.start_mark.line + 1)
        self._count += 1
        if self._count > _MOST_VALUES or id(node) in self._open:
            if self._count <= _MOST_VALUES + 1:
                self._complain(path, node, "repeats itself through an alias. Write the value out.")
            self._count = _MOST_VALUES + 2
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if node.tag not in _COLLECTIONS:
            return self._refuse_tag(node, path)
        return self._nested(node, lambda: self.sequence(node, path) if isinstance(node, yaml.SequenceNode) else self.mapping(node, path))

    def _nested(self, node: yaml.Node, read: Callable[[], Any]) -> Any:
        self._open.add(id(node))
        try:
            return read()
        finally:
            self._open.discard(id(node))

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        if node.tag == _TIMESTAMP:
            return node.value
        try:
            return self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError):
            return self._refuse_tag(node, path)

    def _refuse_tag(self, node: yaml.Node, path: Path) -> None:
        self._complain(path, node, "carries a YAML tag (!...), which is not allowed here. Write a plain value.")

    def sequence(self, node: yaml.Node, path: Path) -> list[Any]:
        return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]

    def mapping(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key is None:
                continue
            line = key_node.start_mark.line + 1
            twin = key.removeprefix("+") if key.startswith("+") else f"+{key}"
            if key in lines:
                self._complain((*path, key), key_node, f"is written twice, on lines {lines[key]} and {line}. Keep one.")
                continue
            if twin in lines:
                self._complain((*path, key), key_node, f"stands beside {twin}. Either replace the list or append to it.")
            lines[key] = line
            result[key] = self.value(value_node, (*path, key))
            self.document.sources[(*path, key)] = Source(self.file, line)
        return result

    def _key(self, node: yaml.Node, path: Path) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self._complain(path, node, "has a key that is no plain word. Write keys as words.")
            return None
        if node.tag == "tag:yaml.org,2002:merge":
            self._complain((*path, "<<"), node, "YAML merge keys are not used here. Share settings with extends.")
            return None
        return str(node.value)

"""Where each value of an env was written: the answer to `./hub validate <env> --explain`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from modules.config.aliases import as_written
from modules.config.load import Loaded, load_env, read_env
from modules.config.problems import Path, path_text
from modules.config.redact import redact

#: What `file` says for a value nobody wrote.
DEFAULT = "default"


@dataclass(frozen=True)
class Provenance:
    """One value: where in the tree, what, and the file and line that said so (DEFAULT and 0 when no file did)."""

    path: str
    value: Any
    file: str
    line: int


def explain(root: FilePath, env: str) -> tuple[Provenance, ...]:
    """Every value of one env, defaults included, in the order of the models. Raises ConfigErrors as load_env does."""
    config = load_env(root, env)
    loaded = read_env(root, env)
    return tuple(_walk(config.model_dump(mode="json", exclude={"env"}), (), loaded))


def _walk(value: Any, path: Path, loaded: Loaded) -> Iterator[Provenance]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _walk(inner, (*path, key), loaded)
    elif isinstance(value, list) and value and (isinstance(value[0], dict) or _is_patchwork(path, len(value), loaded)):
        for index, inner in enumerate(value):
            yield from _walk(inner, (*path, index), loaded)
    else:
        path = as_written(path, loaded.document.sources)
        source = loaded.document.sources.get(path)
        shown = redact(value) if isinstance(value, str) else value
        yield Provenance(path_text(path), shown, source.file if source else DEFAULT, source.line if source else 0)


def _is_patchwork(path: Path, length: int, loaded: Loaded) -> bool:
    """Whether the entries of a list come from several files, by `+key`."""
    return len({loaded.source((*path, index)).file for index in range(length)}) > 1

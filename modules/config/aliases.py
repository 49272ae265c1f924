"""Other names that settings go by: the parameters of the DCV seed, so that its operators can write what they know."""

from __future__ import annotations

from collections.abc import Container, Iterator
from functools import cache
from typing import get_args

from pydantic import AliasChoices, BaseModel

from modules.config.models import HubConfig
from modules.config.problems import Path


def aliases(kind: type[BaseModel]) -> dict[str, str]:
    """The other names of one model's fields, and the fields they set."""
    found = {}
    for name, info in kind.model_fields.items():
        if isinstance(info.validation_alias, AliasChoices):
            found.update({str(choice): name for choice in info.validation_alias.choices if choice != name})
    return found


@cache
def sections() -> dict[Path, type[BaseModel]]:
    """The sections whose settings have other names, by their path."""
    return {path: kind for path, kind in _models((), HubConfig) if aliases(kind)}


def as_written(path: Path, written: Container[Path]) -> Path:
    """`path` under the name it has in the file. written: the paths of all values of the file."""
    for holder, kind in sections().items():
        if path[: len(holder)] != holder or len(path) == len(holder):
            continue
        name, rest = path[len(holder)], path[len(holder) + 1 :]
        for alias, field in aliases(kind).items():
            if field == name and (*holder, alias) in written:
                return (*holder, alias, *rest)
    return path


def _models(path: Path, kind: type[BaseModel]) -> Iterator[tuple[Path, type[BaseModel]]]:
    yield path, kind
    for name, info in kind.model_fields.items():
        for inner in (info.annotation, *get_args(info.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from _models((*path, name), inner)

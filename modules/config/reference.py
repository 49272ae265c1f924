"""docs/config.md: every setting, generated from the models, so that it cannot disagree with them."""

from __future__ import annotations

import types
from collections.abc import Collection, Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from modules.config.aliases import aliases
from modules.config.models import HubConfig
from modules.config.renamed import RENAMED

#: Below the repository root.
REFERENCE_FILE = "docs/config.md"

_HEAD = """\
# The env file

Generated from `modules/config`; `tests/unit/config/test_generated.py` says how to renew it.

`envs/<env>/hub.yaml` says everything about one env. Unknown keys are refused, and `./hub validate <env>` shows every problem at once,
with no network. `./hub validate <env> --explain` shows where each value was written.

**Sharing.** `extends: ../shared/base.yaml` lays a file over another, which may extend a third. Mappings merge key by key; a list, a word
or null replaces what was there; `+key` appends its list to the inherited one. A key written twice is refused.

**Never in the file.** Secrets: the file names them, `./hub secrets set` stores them. Anything that looks like one is refused and not
repeated. `${` and `%{` are refused too, because Terraform would read them, and so is `CHANGEME`.

**Units.** Memory is `512M` or `16G`, in powers of 1024 as JupyterHub counts. Volumes are `100Gi`. CPUs may be fractions. Account ids and
versions stand in quotes, because YAML reads them as numbers otherwise.
"""


def reference() -> str:
    """The whole text of docs/config.md."""
    parts = [_HEAD, "## Top level\n", _table(HubConfig, skip={"env"})]
    for name, info in HubConfig.model_fields.items():
        kinds = list(_models(info.annotation))
        if kinds:
            parts.append(f"\n## `{name}`")
            parts += [_model(kind, _holder(name, info, kind), {kind}, top=len(kinds) == 1) for kind in kinds]
    parts.append("\n## Old names\n\n| old | now | since |\n|---|---|---|")
    parts += [f"| `{old}` | `{new.replace(' and ', '`, `')}` | {release} |" for old, (new, release) in RENAMED.items()]
    return "\n".join(parts) + "\n"


def _holder(name: str, info: FieldInfo, kind: type[BaseModel]) -> str:
    if get_origin(info.annotation) is dict:
        return f"{name}.<name>"
    if "kind" in kind.model_fields and name == "auth":
        return f"{name}, kind: {get_args(kind.model_fields['kind'].annotation)[0]}"
    return name


def _model(kind: type[BaseModel], path: str, seen: set[type], *, top: bool = False) -> str:
    """The table of one model, and of the models below it; a section's only model has its heading already."""
    heading = [] if top else [f"\n### `{path}`"]
    lines = [*heading, f"\n{(kind.__doc__ or '').strip()}\n", _table(kind)]
    for name, info in kind.model_fields.items():
        for inner in _models(info.annotation):
            if inner not in seen:
                lines += [_model(inner, f"{path}.{name}{_many(info.annotation)}", seen | {inner})]
    return "\n".join(lines)


def _many(annotation: Any) -> str:
    origin = get_origin(annotation)
    return ".<name>" if origin is dict else "[]" if origin is tuple else ""


def _table(kind: type[BaseModel], skip: Collection[str] = ()) -> str:
    rows = ["| setting | type | default | what it is |", "|---|---|---|---|"]
    for name, info in kind.model_fields.items():
        if name not in skip:
            text = (info.description or "").replace("\n", " ").replace("|", "\\|")
            also = "".join(f", `{alias}`" for alias, field in aliases(kind).items() if field == name)
            rows.append(f"| `{name}`{also} | {_type(info.annotation)} | {_default(info)} | {text} |")
    return "\n".join(rows)


def _default(info: FieldInfo) -> str:
    value = info.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "**required**"
    if isinstance(value, BaseModel):
        return "see below"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    if isinstance(value, dict):
        return f"`{{{', '.join(f'{key}: {inner}' for key, inner in value.items())}}}`"
    return f"`{value}`" if value != "" else "empty"


def _type(annotation: Any) -> str:
    """A type as people say it."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(args[0])
    if origin is Literal:
        return " \\| ".join(f"`{each}`" for each in args)
    if origin in {Union, types.UnionType}:
        return " or ".join(dict.fromkeys(_type(each) for each in args if each is not type(None)))
    if origin is tuple:
        return f"[{_type(args[0])}, {_type(args[1])}]" if Ellipsis not in args else f"list of {_type(args[0])}"
    if origin is dict:
        return f"mapping to {_type(args[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "settings"
    return {str: "text", int: "whole number", float: "number", bool: "true or false"}.get(annotation, "any")


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models a field's type holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    else:
        for each in get_args(annotation):
            yield from _models(each)

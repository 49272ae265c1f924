"""pydantic's errors in plain sentences: what was found, what is allowed, what was probably meant."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from modules.config.aliases import aliases, sections
from modules.config.models import HubConfig
from modules.config.patterns import PATTERNS
from modules.config.problems import Path, Problem, did_you_mean, problem
from modules.config.redact import secret_shape

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from modules.config.load import Loaded

#: Fields that name a secret; whatever stands there by mistake may be one and is not repeated.
SECRET_FIELDS = frozenset({"client_secret", "dandi_token", "credentials"})


def translate(error: ValidationError, loaded: Loaded) -> list[Problem]:
    """One Problem for each of pydantic's errors, at the place where the value was written."""
    found = []
    errors = error.errors(include_url=False)
    for details in errors:
        loc = details["loc"]
        if details["type"] == "too_short" and any(other["loc"][: len(loc)] == loc for other in errors if other is not details):
            continue  # pydantic counts only the entries it accepted
        path, key_is_bad = _path(loc, loaded.document.data)
        if details["type"].startswith("union_tag"):
            path = (*path, "kind")
        source = loaded.source(path)
        message = _sentence(details, path, key_is_bad, loaded.document.data)
        found.append(problem(source.file, path, message, source.line))
    return found


def _path(loc: tuple[int | str, ...], data: Any) -> tuple[Path, bool]:
    """pydantic's location without the tags it adds for unions and for keys of mappings."""
    path: list[str | int] = []
    here = data
    for index, part in enumerate(loc):
        if part == "[key]":
            return tuple(path), True
        last = index == len(loc) - 1
        known = (isinstance(here, dict) and part in here) or (isinstance(here, list) and isinstance(part, int) and part < len(here))
        if not known and not last and isinstance(here, dict):
            continue  # the tag of a discriminated union
        path.append(part)
        here = here[part] if known else None
    return tuple(path), False


def show(value: Any) -> str:
    """A bad value as it may appear in a message: quoted, short, and never a secret."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    text = str(value)
    if secret_shape(text):
        return "this value"
    return f'"{text if len(text) <= 60 else text[:57] + "..."}"'


def _sentence(details: ErrorDetails, path: Path, key_is_bad: bool, data: Any) -> str:
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    secret = any(part in SECRET_FIELDS for part in path)
    shown = "this value (not shown)" if secret and isinstance(value, str) else show(value)
    if key_is_bad:
        return f"{_own_words(details, shown, secret)}. Rename it."
    if kind == "extra_forbidden":
        return _unknown(path, data)
    if kind == "missing":
        return f"is missing. {_hint(path)}"
    if kind == "value_error":
        return _finished(_own_words(details, shown, secret))
    if kind == "string_pattern_mismatch":
        return f"{shown} is not {PATTERNS.get(context['pattern'], 'of the right form')}."
    if kind in {"literal_error", "enum"}:
        allowed = [word.strip("'") for word in str(context["expected"]).replace(" or ", ", ").split(", ")]
        return f"{shown} is not one of: {', '.join(allowed)}{_nearest(value, allowed)}"
    maker = _SENTENCES.get(kind)
    return maker(shown, value, context) if maker else _finished(f"{shown}: {details['msg']}")


def _unknown(path: Path, data: Any) -> str:
    """A key nothing reads. Two names of one setting look so too: pydantic reads the first alone."""
    name = str(path[-1])
    others = aliases(sections()[path[:-1]]) if path[:-1] in sections() else {}
    if name in others:
        return f"is another name of {others[name]}, which is written too. Keep one."
    known = _known_keys(path[:-1], data)
    # The seed's names have hyphens; in a list of what there is they would only repeat our own.
    return f"is not a setting{did_you_mean(name, known | others.keys() if '-' in name else known)}"


def _own_words(details: ErrorDetails, shown: str, secret: bool) -> str:
    """The message of one of our validators, in the same quotes as the rest."""
    if secret or secret_shape(str(details["input"])):
        return f"{shown} is not the name of a secret; store the secret with ./hub secrets set and write its name here"
    message = str(details.get("ctx", {}).get("error", details["msg"])).removeprefix("Value error, ")
    return message.replace(repr(details["input"]), show(details["input"]), 1)


def _finished(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", ")")) else f"{sentence}."


def _nearest(value: Any, allowed: list[str]) -> str:
    guess = did_you_mean(value, allowed) if isinstance(value, str) else ""
    return guess if guess.startswith(";") else "."


def _quantity(shown: str, value: Any, context: Mapping[str, Any]) -> str:
    words = {"ge": "or more", "gt": "and more than that", "le": "or less", "lt": "and less than that"}
    limits = [f"{context[key]:g} {word}" for key, word in words.items() if key in context]
    return f"{shown} is out of range; write {' and '.join(limits)}."


def _count(shown: str, value: Any, context: Mapping[str, Any]) -> str:
    least, most, actual = context.get("min_length"), context.get("max_length"), context.get("actual_length")
    limit = f"at least {least}" if least is not None else f"at most {most}"
    if context.get("field_type") in {None, "String"}:
        return f"{shown} has the wrong length; write {limit} characters."
    return f"holds {actual} {'entry' if actual == 1 else 'entries'}; write {limit}."


def _text(shown: str, value: Any, context: Mapping[str, Any]) -> str:
    if isinstance(value, (int, float, bool)):
        return f'{shown} is read as a number or switch, not as text; put it in quotes: "{shown}".'
    return f"{shown} stands where text belongs. Write one word or sentence."


def _tag(shown: str, value: Any, context: Mapping[str, Any]) -> str:
    allowed = [word.strip("'") for word in str(context.get("expected_tags", "")).split(", ")]
    tag = str(context.get("tag", ""))
    return f'kind "{tag}" is not one of: {", ".join(allowed)}{_nearest(tag, allowed)}'


_Maker = Callable[[str, Any, Mapping[str, Any]], str]
_SENTENCES: dict[str, _Maker] = {
    "string_type": _text,
    "string_too_long": lambda shown, _, c: f"{shown} is too long; write at most {c['max_length']} characters.",
    "string_too_short": lambda shown, _, c: f"{shown} is too short; write at least {c['min_length']} characters.",
    "greater_than": _quantity,
    "greater_than_equal": _quantity,
    "less_than": _quantity,
    "less_than_equal": _quantity,
    "too_short": _count,
    "too_long": _count,
    "union_tag_invalid": _tag,
    "union_tag_not_found": lambda *_: "has no kind. Write kind: github, auth0, cognito, oidc or dummy.",
    "model_type": lambda shown, *_: f"{shown} stands where a mapping of settings belongs. Indent its settings below it.",
    "model_attributes_type": lambda shown, *_: f"{shown} stands where a mapping of settings belongs. Indent its settings below it.",
    "dict_type": lambda shown, *_: f"{shown} stands where a mapping belongs. Write key: value lines below it.",
    "tuple_type": lambda shown, *_: f"{shown} stands where a list belongs. Write [a, b], or one `- a` a line.",
    "list_type": lambda shown, *_: f"{shown} stands where a list belongs. Write [a, b], or one `- a` a line.",
    "int_type": lambda shown, *_: f"{shown} is not a whole number.",
    "int_parsing": lambda shown, *_: f"{shown} is not a whole number.",
    "int_from_float": lambda shown, *_: f"{shown} is not a whole number.",
    "float_type": lambda shown, *_: f"{shown} is not a number.",
    "float_parsing": lambda shown, *_: f"{shown} is not a number.",
    "bool_type": lambda shown, *_: f"{shown} is neither true nor false.",
    "bool_parsing": lambda shown, *_: f"{shown} is neither true nor false.",
}

_HINTS = {
    "region": "Write region: us-east-2, or where you are.",
    "name": "Write name: and what the EKS cluster shall be called.",
    "auth": "Write who may log in, such as auth: {kind: github, admins: [you]}.",
    "hub": "Write hub: with its images and profiles.",
}


def _hint(path: Path) -> str:
    name = str(path[-1])
    if len(path) == 1 and name in _HINTS:
        return _HINTS[name]
    holder = path[-2] if len(path) > 1 else "the file"
    return f"Add {name}: to {'this entry of the list' if isinstance(holder, int) else holder}."


def _known_keys(path: Path, data: Any) -> set[str]:
    """The keys that may stand at `path`, read from the models; `extends` at the top."""
    holders: list[Any] = [HubConfig]
    for part in path:
        holders = [inner for holder in holders for inner in _step(holder, part)]
        data = data[part]
    holders = [holder for holder in holders if _is_model(holder)]
    if len(holders) > 1 and isinstance(data, dict):
        # A login: the keys are those of its kind.
        holders = [holder for holder in holders if data.get("kind") in get_args(holder.model_fields["kind"].annotation)]
    names = {name for holder in holders for name in holder.model_fields}
    return (names - {"env"}) | {"extends"} if not path else names


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _step(holder: Any, part: str | int) -> list[Any]:
    """The types found one key or index below a type."""
    if _is_model(holder):
        info = holder.model_fields.get(str(part))
        return _unwrap(info.annotation) if info else []
    args = get_args(holder)
    if get_origin(holder) is dict and len(args) == 2:
        return _unwrap(args[1])
    if get_origin(holder) in {tuple, list} and args:
        return _unwrap(args[0])
    return []


def _unwrap(kind: Any) -> list[Any]:
    """The plain types behind Annotated and unions."""
    origin = get_origin(kind)
    if origin is Annotated:
        return _unwrap(get_args(kind)[0])
    if origin in {Union, types.UnionType}:
        return [inner for each in get_args(kind) for inner in _unwrap(each)]
    return [kind]

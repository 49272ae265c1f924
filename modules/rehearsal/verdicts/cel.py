"""The rules a CRD carries (x-kubernetes-validations), evaluated as an API server would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from modules.config.problems import path_text

_OLD = re.compile(r"\boldSelf\b")
Path = tuple[str | int, ...]


def check_rules(manifest: dict[str, Any], schema: dict[str, Any], old: dict[str, Any] | None = None) -> tuple[list[str], int]:
    """(one sentence a broken rule, how many were evaluated). schema: a CRD's openAPIV3Schema. old: what is there already.

    A rule about oldSelf is only for an update. A rule that cannot be evaluated counts as broken: the API server would say no too.
    """
    broken, evaluated = [], 0
    for path, value, before, rule in _sites(manifest, schema, old, ()):
        transition = bool(_OLD.search(rule["rule"]))
        if transition and before is None:
            continue
        evaluated += 1
        why = _broken(rule["rule"], value, before if transition else None)
        if why:
            broken.append(f"{path_text(path)}: {rule.get('message') or rule['rule']}{why if why != 'false' else ''}")
    return broken, evaluated


def _sites(value: Any, schema: dict[str, Any], old: Any, path: Path) -> Iterator[tuple[Path, Any, Any, dict[str, Any]]]:
    """(path, value, the value before or None, rule) of every rule that applies somewhere in `value`."""
    if value is None:
        return
    for rule in schema.get("x-kubernetes-validations", ()):
        yield path, value, old, rule
    if isinstance(value, dict):
        fields, rest = schema.get("properties", {}), schema.get("additionalProperties")
        for name, inner in value.items():
            below = fields.get(name, rest if isinstance(rest, dict) else None)
            if below:
                yield from _sites(inner, below, old.get(name) if isinstance(old, dict) else None, (*path, name))
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for index, inner in enumerate(value):
            # An item of a list has no past of its own: the API server pairs them only by a key.
            yield from _sites(inner, schema["items"], None, (*path, index))


def _broken(rule: str, value: Any, before: Any) -> str:
    """ "" when the rule holds, "false" when not, ": <why>" when it cannot be evaluated."""
    from celpy.adapter import json_to_cel
    from celpy.evaluation import CELEvalError

    given: dict[str, Any] = {"self": json_to_cel(value)}
    if before is not None:
        given["oldSelf"] = json_to_cel(before)
    try:
        return "" if bool(_program(rule).evaluate(given)) else "false"
    except CELEvalError as error:
        return f": cannot be evaluated: {error.args[0] if error.args else error}"


@lru_cache(maxsize=512)
def _program(rule: str) -> Any:
    import celpy

    environment = celpy.Environment()
    return environment.program(environment.compile(rule), functions={"find": _find, "split": _split})


def _find(text: Any, pattern: Any) -> Any:
    """Kubernetes' own addition to CEL: the first match, or nothing."""
    from celpy import celtypes

    found = re.search(str(pattern), str(text))
    return celtypes.StringType(found[0] if found else "")


def _split(text: Any, separator: Any) -> Any:
    """Kubernetes' own addition to CEL."""
    from celpy import celtypes

    return celtypes.ListType([celtypes.StringType(each) for each in str(text).split(str(separator))])

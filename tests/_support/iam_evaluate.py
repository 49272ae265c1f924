"""Whether an identity policy allows one request: enough of IAM's evaluation for the conditions that our policies use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from modules.iam.document import Document, Statement

Context = Mapping[str, str | Sequence[str]]


def allows(policy: Document, action: str, resource: str, context: Context | None = None) -> bool:
    """Whether some statement allows `action` on `resource` and none denies it; `context` holds the request's condition keys."""
    matching = [each for each in policy["Statement"] if _matches(each, action, resource, context or {})]
    return bool(matching) and all(each["Effect"] == "Allow" for each in matching)


def _matches(statement: Statement, action: str, resource: str, context: Context) -> bool:
    return (
        any(fnmatchcase(action, pattern) for pattern in _listed(statement["Action"]))
        and any(_like(resource, pattern) for pattern in _listed(statement["Resource"]))
        and all(_holds(test, key, wanted, context) for test, keys in statement.get("Condition", {}).items() for key, wanted in keys.items())
    )


def _holds(test: str, key: str, wanted: Any, context: Context) -> bool:
    given = context.get(key)
    each = {"StringEquals": str.__eq__, "StringLike": _like}[test.removeprefix("ForAllValues:")]
    if given is None:
        # A key that is not in the request fails every test but one for all of no values.
        return test.startswith("ForAllValues:")
    return all(any(each(value, pattern) for pattern in _listed(wanted)) for value in _listed(given))


def _like(value: str, pattern: str) -> bool:
    # IAM knows `*` and `?` alone; a bracket stands for itself.
    return fnmatchcase(value, pattern.replace("[", "[[]"))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]

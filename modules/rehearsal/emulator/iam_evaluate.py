"""Whether policies allow a request: IAM's evaluation for the policies of a user or role, as far as our own policies and AWS's go.

Order and rules: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html. Policy variables
(`${…}`) are not filled in; numbers, dates and addresses are not compared: a statement with such a condition never applies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Policies:
    """identity: those of the principal and its groups. boundary: the most it may ever be allowed."""

    identity: Sequence[Document]
    boundary: Document | None = None


@dataclass(frozen=True)
class Request:
    """context: values by condition key, keys in small letters."""

    action: str
    resource: str
    context: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Decision:
    """word: as the simulator says it. unknown: condition keys that policies ask for and the request does not have."""

    word: str
    within_boundary: bool
    unknown: frozenset[str]


def decide(policies: Policies, request: Request) -> Decision:
    """A denial anywhere wins; then policies and boundary must both allow."""
    identity = [each for document in policies.identity for each in _concerning(document, request.action)]
    bounding = None if policies.boundary is None else list(_concerning(policies.boundary, request.action))
    applying = [str(each["Effect"]) for each in identity if _applies(each, request)]
    bounds = ["Allow"] if bounding is None else [str(each["Effect"]) for each in bounding if _applies(each, request)]
    within = "Allow" in bounds and "Deny" not in bounds
    asked = {key for each in (*identity, *(bounding or ())) for keys in each.get("Condition", {}).values() for key in keys}
    unknown = frozenset(key for key in asked if key.lower() not in request.context)
    if "Deny" in applying or "Deny" in bounds:
        return Decision("explicitDeny", within, unknown)
    return Decision("allowed" if "Allow" in applying and within else "implicitDeny", within, unknown)


def _concerning(document: Document, action: str) -> Iterator[Mapping[str, Any]]:
    found = document["Statement"]
    for each in [found] if isinstance(found, Mapping) else found:
        if _named(each, "Action", action.lower(), str.lower):
            yield each


def _applies(statement: Mapping[str, Any], request: Request) -> bool:
    return _named(statement, "Resource", request.resource, str) and all(
        _holds(test, wanted, request.context.get(key.lower()))
        for test, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def _named(statement: Mapping[str, Any], element: str, value: str, spelling: Callable[[str], str]) -> bool:
    """Whether Action or Resource covers the value, or its Not… does not."""
    positive = element in statement
    patterns = _listed(statement.get(element if positive else f"Not{element}", "*"))
    return positive is any(_like(value, spelling(pattern)) for pattern in patterns)


def _holds(test: str, wanted: Any, given: Sequence[str] | None) -> bool:
    """One key of one condition. Operators: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""
    for_all = test.startswith("ForAllValues:")
    operator = test.rpartition(":")[2]
    optional, operator = operator.endswith("IfExists"), operator.removesuffix("IfExists")
    if operator == "Null":
        return (given is None) is (str(_listed(wanted)[0]).lower() == "true")
    # A key that is absent meets a negated test, and one for all of no values.
    negated = "Not" in operator
    if given is None:
        return optional or for_all or negated
    compare = _OPERATORS.get(operator.replace("Not", ""))
    if compare is None:
        return False
    matches = [any(compare(value, str(pattern)) for pattern in _listed(wanted)) for value in given]
    return not any(matches) if negated else all(matches) if for_all else any(matches)


def _like(value: str, pattern: str) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return value == pattern
    # IAM knows those two alone; a bracket stands for itself.
    return fnmatchcase(value, pattern.replace("[", "[[]"))


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": str.__eq__,
    "StringEqualsIgnoreCase": lambda value, pattern: value.lower() == pattern.lower(),
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda value, pattern: value.lower() == pattern.lower(),
}


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]

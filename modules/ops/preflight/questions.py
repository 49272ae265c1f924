"""What the deployer must be allowed, as questions to IAM's policy simulator: actions, sample ARNs, and what a request would carry.

Every statement of the provisioning policy (modules.iam.provisioning) is one question. A star in an ARN or a value becomes a
sample, so that a role which is allowed exactly these statements gets a yes to each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

#: Stands where the policy has a star.
SAMPLE = "preflight"
#: A condition key: its name, its type in IAM's words, its value.
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Question:
    """May the caller do all of `actions` on some of `resources`, in a request with these condition keys?"""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    context: tuple[Key, ...] = ()


def questions(statements: Iterable[Mapping[str, Any]], account: str) -> tuple[Question, ...]:
    """One question for each set of resources and conditions; statements alike in both are asked about together."""
    merged: dict[tuple[tuple[str, ...], tuple[Key, ...]], dict[str, None]] = {}
    for statement in statements:
        resources = tuple(_sample_arn(each, account) for each in _listed(statement["Resource"]))
        merged.setdefault((resources, _context(statement.get("Condition", {}), account)), {}).update(
            dict.fromkeys(_listed(statement["Action"]))
        )
    return tuple(Question(tuple(actions), *key) for key, actions in merged.items())


def _context(conditions: Mapping[str, Mapping[str, Any]], account: str) -> tuple[Key, ...]:
    return tuple(
        (key, _type(test), _sample_value(_listed(wanted)[0], account)) for test, keys in conditions.items() for key, wanted in keys.items()
    )


def _type(test: str) -> str:
    if test.startswith(("ForAllValues:", "ForAnyValue:")):
        return "stringList"
    return "boolean" if test.startswith("Bool") else "string"


def _sample_arn(pattern: str, account: str) -> str:
    """`arn:aws:ec2:us-east-2:*:vpc/*` → `arn:aws:ec2:us-east-2:<account>:vpc/preflight`; `*` alone stays: on nothing in particular."""
    parts = pattern.split(":", 5)
    if len(parts) < 6:
        return pattern
    if parts[4] == "*":
        parts[4] = account
    return ":".join(parts).replace("*", SAMPLE)


def _sample_value(pattern: str, account: str) -> str:
    return _sample_arn(pattern, account) if pattern.startswith("arn:") else pattern.replace("*", SAMPLE)


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)

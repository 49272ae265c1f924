"""Whether a policy allows one request: enough of IAM's evaluation for the conditions that our policies use."""

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


def assumes(trust: Document, provider: str, token: Mapping[str, str], issuer: str) -> bool:
    """Whether a trust policy lets the bearer of a web identity token become the role.

    provider: ARN of the OIDC provider that vouches for the token. token: its claims `sub` and `aud`. issuer: host and path of
    the token's `iss`, whose condition keys AWS fills from those claims.
    """
    context = {f"{issuer}:{claim}": value for claim, value in token.items()}
    matching = [
        each
        for each in trust["Statement"]
        if "sts:AssumeRoleWithWebIdentity" in _listed(each["Action"])
        and provider in _listed(each["Principal"].get("Federated", []))
        and _meets(each, context)
    ]
    return bool(matching) and all(each["Effect"] == "Allow" for each in matching)


def _matches(statement: Statement, action: str, resource: str, context: Context) -> bool:
    return (
        any(fnmatchcase(action, pattern) for pattern in _listed(statement["Action"]))
        and any(_like(resource, pattern) for pattern in _listed(statement["Resource"]))
        and _meets(statement, context)
    )


def _meets(statement: Statement, context: Context) -> bool:
    return all(_holds(test, key, wanted, context) for test, keys in statement.get("Condition", {}).items() for key, wanted in keys.items())


def _holds(test: str, key: str, wanted: Any, context: Context) -> bool:
    given = context.get(key)
    each = _TESTS[test.removeprefix("ForAllValues:").removesuffix("IfExists")]
    if given is None:
        # A key that is not in the request fails every test but one for all of no values, or one that says so.
        return test.startswith("ForAllValues:") or test.endswith("IfExists")
    return all(any(each(value, pattern) for pattern in _listed(wanted)) for value in _listed(given))


def _like(value: str, pattern: str) -> bool:
    # IAM knows `*` and `?` alone; a bracket stands for itself.
    return fnmatchcase(value, pattern.replace("[", "[[]"))


_TESTS = {"StringEquals": str.__eq__, "Bool": str.__eq__, "StringLike": _like}


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]

"""The shape every policy document has, and its size as AWS counts it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: {"Version", "Statement"}.
Document = dict[str, Any]
#: One entry of "Statement".
Statement = dict[str, Any]
#: Text, or a sequence of texts where IAM takes a list.
Texts = str | Sequence[str]

VERSION = "2012-10-17"
#: Characters of a customer managed policy, white space not counted,
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MANAGED_POLICY_MAX = 6144
#: Characters of all inline policies of one role together, same page.
INLINE_POLICIES_MAX = 10240
#: Characters of a trust policy, same page.
TRUST_POLICY_MAX = 2048


def document(*statements: Statement) -> Document:
    """A policy document of these statements, in the order given."""
    return {"Version": VERSION, "Statement": list(statements)}


def merge(documents: Iterable[Document]) -> Document:
    """One document with the statements of all, in order."""
    return document(*(statement for one in documents for statement in one["Statement"]))


def allow(
    sid: str,
    actions: Texts,
    resources: Texts | None,
    *,
    principal: Mapping[str, Any] | str | None = None,
    conditions: Mapping[str, Mapping[str, Any]] | None = None,
) -> Statement:
    """An Allow statement. `resources` is None in a trust policy, `principal` is None in an identity policy."""
    return _statement("Allow", sid, actions, resources, principal, conditions)


def deny(
    sid: str,
    actions: Texts,
    resources: Texts | None,
    *,
    principal: Mapping[str, Any] | str | None = None,
    conditions: Mapping[str, Mapping[str, Any]] | None = None,
) -> Statement:
    """A Deny statement; arguments as of `allow`."""
    return _statement("Deny", sid, actions, resources, principal, conditions)


def size(policy: Document) -> int:
    """Characters that count against the quota: the JSON without white space."""
    return len(json.dumps(policy, separators=(",", ":")))


def _statement(
    effect: str,
    sid: str,
    actions: Texts,
    resources: Texts | None,
    principal: Mapping[str, Any] | str | None,
    conditions: Mapping[str, Mapping[str, Any]] | None,
) -> Statement:
    made: Statement = {"Sid": sid, "Effect": effect}
    if principal is not None:
        made["Principal"] = principal if isinstance(principal, str) else dict(principal)
    made["Action"] = _listed(actions)
    if resources is not None:
        made["Resource"] = _listed(resources)
    if conditions:
        made["Condition"] = {test: dict(keys) for test, keys in conditions.items() if keys}
    return made


def _listed(texts: Texts) -> str | list[str]:
    """IAM takes one text or a list; a list of one is written as the text, so that equal policies look equal."""
    if isinstance(texts, str):
        return texts
    many = list(texts)
    return many[0] if len(many) == 1 else many

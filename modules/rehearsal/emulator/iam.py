"""IAM: the policy simulator, over the policies that principals of this account really have; the true name of spot's own role.

The rehearsal's caller is nobody that IAM knows, and may do everything: policies have no effect here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from modules.rehearsal.emulator.answers import Answers, Call, Document, Refused
from modules.rehearsal.emulator.iam_evaluate import Policies, Request, decide

_answers = Answers()
#: Whom moto takes every key for that IAM did not issue.
_CALLER = "user/moto"


def install() -> None:
    """Complete moto's IAM."""
    from moto.iam import models
    from moto.iam.responses import IamResponse

    # moto would call it AWSServiceRoleForspot.
    models.SERVICE_NAME_CONVERSION["spot"] = "EC2Spot"
    _answers.install(IamResponse)


@_answers("SimulatePrincipalPolicy")
def _simulate_principal_policy(call: Call) -> Document:
    found = _policies(call, str(call["PolicySourceArn"]))
    context = {each["ContextKeyName"].lower(): each["ContextKeyValues"] for each in call.get("ContextEntries", [])}
    resources = call.get("ResourceArns", ["*"])
    return {
        "EvaluationResults": [
            _result(found, Request(action, resource, context)) for action in call["ActionNames"] for resource in resources
        ],
        "IsTruncated": False,
    }


def _result(policies: Policies | None, request: Request) -> Document:
    shown: Document = {"EvalActionName": request.action, "EvalResourceName": request.resource, "MatchedStatements": []}
    if policies is None:
        return {**shown, "EvalDecision": "allowed", "MissingContextValues": []}
    decision = decide(policies, request)
    result = {**shown, "EvalDecision": decision.word, "MissingContextValues": sorted(decision.unknown)}
    if policies.boundary is not None:
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": decision.within_boundary}
    return result


def _policies(call: Call, arn: str) -> Policies | None:
    """What the principal has; None for the rehearsal's own caller, who needs nothing."""
    kind, _, path = arn.split(":", 5)[-1].partition("/")
    if f"{kind}/{path}" == _CALLER:
        return None
    if kind not in {"user", "role"}:
        raise Refused("InvalidInput", f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    from moto.iam.models import iam_backends

    backend = iam_backends[call.account][call.partition]
    known = backend.get_roles() if kind == "role" else backend.list_users("/", None, None)
    entity = next((each for each in known if each.arn == arn), None)
    if entity is None:
        raise Refused("NoSuchEntity", f"The {kind} with name {path.rpartition('/')[2]} cannot be found.")
    boundary = getattr(entity, "permissions_boundary_arn", None)
    groups = backend.get_groups_for_user(entity.name) if kind == "user" else []
    documents = [each for holder in (entity, *groups) for each in _documents(holder)]
    return Policies(documents, _default(backend.get_policy(boundary)) if boundary else None)


def _documents(holder: Any) -> Iterator[Document]:
    yield from (_read(text) for text in holder.policies.values())
    yield from (_default(policy) for policy in holder.managed_policies.values())


def _default(policy: Any) -> Document:
    """The version of a managed policy that is in force."""
    return _read(next(version.document for version in policy.versions if version.is_default))


def _read(document: Any) -> Document:
    found: Document = json.loads(document) if isinstance(document, str) else document
    return found

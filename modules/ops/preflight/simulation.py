"""Asking IAM's policy simulator: in batches, side by side, and apart when it will not take some actions together.

It looks at the policies of the user or role, of the user's groups, the permissions boundary, and service control policies
without conditions. It does not look at service control policies with conditions, resource control policies, session policies,
or policies of keys, buckets and endpoints, https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Literal

from botocore.exceptions import ClientError

from modules.ops.aws_clients import pages
from modules.ops.failures.aws import code_of, doing
from modules.ops.preflight.questions import Key, Question

#: depends: it rests on something of the caller that a simulation does not know. unknown: the simulator would not say. missing:
#: nothing allows it. boundary, organization: those do not let it. denied: a policy says no. From good to bad.
Verdict = Literal["allowed", "depends", "unknown", "missing", "boundary", "organization", "denied"]
_ORDER: tuple[Verdict, ...] = ("allowed", "depends", "unknown", "missing", "boundary", "organization", "denied")
#: Of our own choosing: AWS names no limit, and answers grow with actions times resources.
_BATCH = 100
_AT_ONCE = 4
#: Condition keys of the real request that nobody knows beforehand.
_UNKNOWABLE = ("aws:sourceip", "aws:sourcevpc", "aws:vpcsourceip", "aws:principaltag/", "aws:principalorg")
#: "Invalid Input Actions: [a,b] and [c] require different authorization information."
_APART, _LISTS = "different authorization information", re.compile(r"\[([^\]]*)\]")
Verdicts = dict[str, Verdict]


@dataclass(frozen=True)
class Simulator:
    """client: of IAM. principal: ARN of the user or role. ambient: condition keys that every request of an install carries."""

    client: Any
    principal: str
    ambient: tuple[Key, ...] = ()

    def lacking(self, questions: Sequence[Question]) -> Verdicts:
        """Actions that are not allowed in some question, with the worst verdict on each. Raises HubError when AWS refuses to tell.

        First all of them on `*`, which settles an administrator in a few calls; then, with ARNs and conditions, the questions
        that have an action left. An action counts as allowed when it is on any one ARN of its question, for not each of them
        concerns each action.
        """
        names = list(dict.fromkeys(action for each in questions for action in each.actions))
        broad = [Question(tuple(names[start : start + _BATCH]), ("*",)) for start in range(0, len(names), _BATCH)]
        with doing("ask IAM what these credentials may do"), ThreadPoolExecutor(_AT_ONCE) as pool:
            settled = {action for action, verdict in _joined(pool.map(self._ask, broad), max).items() if verdict == "allowed"}
            rest = (replace(each, actions=tuple(name for name in each.actions if name not in settled)) for each in questions)
            found = _joined(pool.map(self._ask, [each for each in rest if each.actions]), max)
        return {action: verdict for action, verdict in found.items() if verdict != "allowed"}

    def _ask(self, question: Question) -> Verdicts:
        try:
            return self._simulate(question)
        except ClientError as error:
            if code_of(error) != "InvalidInput":
                raise
            parts = _parts(str(error), question.actions)
            if parts:
                return _joined((self._ask(replace(question, actions=each)) for each in parts), max)
            if question.resources == ("*",):
                raise
            return dict.fromkeys(question.actions, "unknown")

    def _simulate(self, question: Question) -> Verdicts:
        # A condition of the question wins over what every request carries.
        keys = {name.lower(): (name, kind, value) for name, kind, value in (*self.ambient, *question.context)}
        results = pages(
            self.client,
            "simulate_principal_policy",
            "EvaluationResults",
            PolicySourceArn=self.principal,
            ActionNames=list(question.actions),
            ResourceArns=list(question.resources),
            ContextEntries=[
                {"ContextKeyName": name, "ContextKeyType": kind, "ContextKeyValues": [value]} for name, kind, value in keys.values()
            ],
        )
        return _joined(({result["EvalActionName"]: verdict} for result in results for verdict in _verdicts(result)), min)


def _joined(many: Iterable[Verdicts], choose: Callable[..., int]) -> Verdicts:
    """One verdict an action: the worst that was given (max), or the best (min)."""
    found: Verdicts = {}
    for verdicts in many:
        for action, verdict in verdicts.items():
            found[action] = _ORDER[choose(_ORDER.index(verdict), _ORDER.index(found.get(action, verdict)))]
    return found


def _parts(message: str, actions: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Actions that the simulator will take together, by its own words; halves when those do not name all; none for another refusal."""
    if _APART not in message or len(actions) < 2:
        return []
    named = [tuple(name.strip() for name in each.split(",")) for each in _LISTS.findall(message)]
    if len(named) > 1 and sorted(name for each in named for name in each) == sorted(actions):
        return named
    half = len(actions) // 2
    return [actions[:half], actions[half:]]


def _verdicts(result: Mapping[str, Any]) -> Iterator[Verdict]:
    """Of the result itself, and of each ARN where they are told apart."""
    yield _verdict(result, str(result["EvalDecision"]))
    for each in result.get("ResourceSpecificResults") or ():
        yield _verdict({**result, **each}, str(each["EvalResourceDecision"]))


def _verdict(result: Mapping[str, Any], decision: str) -> Verdict:
    if decision == "allowed":
        return "allowed"
    if any(str(key).lower().startswith(_UNKNOWABLE) for key in result.get("MissingContextValues") or ()):
        return "depends"
    if (result.get("OrganizationsDecisionDetail") or {}).get("AllowedByOrganizations") is False:
        return "organization"
    if (result.get("PermissionsBoundaryDecisionDetail") or {}).get("AllowedByPermissionsBoundary") is False:
        return "boundary"
    return "denied" if decision == "explicitDeny" else "missing"

"""May these credentials do what an install does? IAM's policy simulator is asked, and nothing is tried.

What is asked is the provisioning policy of the env, the one that `./hub iam-policy` prints, statement by statement, with the
env's own names and tags. What a simulation does not see stands in modules.ops.preflight.simulation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from modules.config.models import HubConfig
from modules.iam.provisioning import provisioning_policy
from modules.ops.preflight.caller import Caller, caller, principal_arn
from modules.ops.preflight.check import Answer, Check, Context, Finding
from modules.ops.preflight.questions import Key, questions
from modules.ops.preflight.simulation import Simulator, Verdict

#: What is said of each verdict, in the order of the sentence.
_CLAUSES: dict[Verdict, str] = {
    "missing": "no policy allows {}",
    "denied": "a policy denies {}",
    "boundary": "the permissions boundary does not let them {}",
    "organization": "the organization's policies do not let them {}",
}
_WHERE = "credentials"
#: A service of which everything is missing is said in one word, from so many actions on.
_NAMED = 3
Totals = Mapping[str, int]


def check_permissions(context: Context) -> Answer:
    """All missing actions in one finding. Raises HubError when AWS does not let these credentials ask."""
    who = caller(context)
    principal = principal_arn(context, who)
    if principal is None:
        return Answer("not simulated", [_passed_over(who)])
    # The policies know nothing of pydantic; they read the same fields by name.
    policy_of: Any = provisioning_policy
    asked = questions(policy_of(context.config)["Statement"], who.account)
    actions = {action for each in asked for action in each.actions}
    lacking = Simulator(context.client("iam"), principal, _ambient(context.config)).lacking(asked)
    allowed = len(actions) - len(lacking)
    said = f"{len(actions)} actions" if not lacking else f"{allowed} of {len(actions)} actions"
    totals = Counter(action.partition(":")[0] for action in actions)
    return Answer(said, [*_lacks(context.config, who, lacking, totals), *_unsure(lacking, totals)])


def _ambient(config: HubConfig) -> tuple[Key, ...]:
    """A second factor is taken for given: whether the session has one, a simulation cannot know."""
    return (
        ("aws:RequestedRegion", "string", config.region),
        ("aws:SecureTransport", "boolean", "true"),
        ("aws:MultiFactorAuthPresent", "boolean", "true"),
    )


def _passed_over(who: Caller) -> Finding:
    why = (
        "the root user may do everything that the organization allows"
        if who.kind == "root"
        else "a federated user has no policies of its own"
    )
    return Finding("note", _WHERE, f"{who.shown}: {why}, so there is nothing to simulate", "use a role to have its permissions checked")


def _lacks(config: HubConfig, who: Caller, lacking: Mapping[str, Verdict], totals: Totals) -> Iterator[Finding]:
    clauses = []
    for verdict, words in _CLAUSES.items():
        actions = sorted(action for action, found in lacking.items() if found == verdict)
        if actions:
            clauses.append(words.format(_by_service(actions, totals)))
    if clauses:
        number = sum(found in _CLAUSES for found in lacking.values())
        fix = f"./hub iam-policy {config.env} prints the policy to attach to {who.shown.partition(' (')[0]}, or to a role that installs"
        if not set(lacking.values()) <= {"missing", "depends", "unknown"}:
            fix += "; what is denied, whoever wrote that policy has to let through"
        yield Finding("error", _WHERE, f"{number} action{'s' if number > 1 else ''} not allowed: {'; '.join(clauses)}", fix)


def _unsure(lacking: Mapping[str, Verdict], totals: Totals) -> Iterator[Finding]:
    depends = sorted(action for action, found in lacking.items() if found == "depends")
    if depends:
        yield Finding("note", _WHERE, f"it depends on who asks from where, which no simulation knows: {_by_service(depends, totals)}")
    unknown = sorted(action for action, found in lacking.items() if found == "unknown")
    if unknown:
        yield Finding("note", _WHERE, f"the simulator would not say: {_by_service(unknown, totals)}")


def _by_service(actions: Sequence[str], totals: Totals) -> str:
    """`ec2 CreateVpc DeleteVpc, all 9 of sqs` for sorted actions. totals: how many of each service were asked about."""
    said = []
    for service, each in groupby(actions, key=lambda action: action.partition(":")[0]):
        names = [action.partition(":")[2] for action in each]
        said.append(f"all {len(names)} of {service}" if len(names) == totals[service] > _NAMED else f"{service} {' '.join(names)}")
    return ", ".join(said)


PERMISSIONS = Check("permissions", check_permissions)

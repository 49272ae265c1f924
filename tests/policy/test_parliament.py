"""Every policy document against AWS's service authorization reference: real actions, resources that those actions work on,
conditions that can be met, and no `Resource: "*"` without a reason."""

from __future__ import annotations

import json
import warnings
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from modules.iam import load_balancer
from modules.iam.document import Document, Statement, merge
from modules.iam.provisioning.reasons import REASONS
from tests._support import policies
from tests._support.evidence import Evidence
from tests._support.iam_reference import action

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import parliament

IDENTITY = policies.identity_policies()
RESOURCE = policies.resource_policies()
TRUST = policies.trust_policies()
ALL = {**IDENTITY, **{f"{name} policy": made for name, made in RESOURCE.items()}, **{f"{name} trust": made for name, made in TRUST.items()}}

#: Parliament's findings that say nothing here, each with the reason.
NOT_ASKED = {
    # Looks at one statement at a time, where ours are split by resource; test_every_required_resource_is_allowed asks the whole.
    "RESOURCE_MISMATCH",
    # Whoever may write a bucket's policy could let himself in. So it is: the role makes and empties those buckets.
    "RESOURCE_POLICY_PRIVILEGE_ESCALATION",
}
#: Controllers whose policy is longer than one document may be.
SPLIT = {"karpenter", "load-balancer"}
PUBLIC = {"ssm:GetParameter on parameter", "ssm:GetParameters on parameter"}
#: AWS's guide limits it to sessions of one's own; parliament's copy of the reference is older and knows no resource of it.
#: https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-restrict-access-quickstart.html
SESSIONS = {"ssmmessages:OpenDataChannel on *"}
#: The reference asks for a listener of either kind of load balancer as if for both; ours are of one kind.
EITHER = {f"{name} on listener/app" for name in load_balancer.LISTENER}
#: Keys that parliament's analysis does not find: one that AWS adds to every request, one that it looks for at the resource
#: and the reference has at the action (test_every_tag_condition_can_be_met reads it there), and one newer than its reference
#: (modules/iam/provisioning/desktop.py says where AWS describes it).
GLOBAL_KEYS = {"aws:ViaAWSService", "elasticloadbalancing:CreateAction", "ssm:SessionDocumentAccessCheck"}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(made: Document) -> Iterator[tuple[Statement, list[str], list[str]]]:
    for statement in made["Statement"]:
        yield statement, as_list(statement["Action"]), as_list(statement.get("Resource", []))


def whole() -> dict[str, Document]:
    """Documents that hang on one role together, merged: those of SPLIT, and the provisioning role's of each env."""
    parts: dict[str, list[Document]] = defaultdict(list)
    for name, made in IDENTITY.items():
        words = name.split()
        role = " ".join(words[:2]) if words[0] == "provisioning" else words[0] if words[0] in SPLIT else name
        parts[role].append(made)
    return {role: merge(documents) for role, documents in parts.items()}


def test_there_is_something_to_check() -> None:
    assert len(IDENTITY) > 50
    assert {"queue", "bucket", "file system", "key"} <= RESOURCE.keys()
    assert len(whole()) > len(policies.env_names())


@pytest.mark.parametrize("name", IDENTITY)
def test_parliament_finds_nothing(name: str) -> None:
    found = parliament.analyze_policy_string(json.dumps(IDENTITY[name])).findings
    left = [
        f"{finding.issue}: {finding.detail}"
        for finding in found
        if finding.issue not in NOT_ASKED and not any(key in str(finding.detail) for key in GLOBAL_KEYS)
    ]
    assert left == []


@pytest.mark.parametrize("name", ALL)
def test_every_allowed_action_exists_and_holds_no_wildcard(name: str) -> None:
    allowed = [
        (statement["Sid"], one) for statement, actions, _ in statements(ALL[name]) for one in actions if statement["Effect"] == "Allow"
    ]
    wrong = [f"{sid}: {one}" for sid, one in allowed if one != "kms:*" and action(one) is None]
    assert wrong == []


def test_the_one_wildcard_action_is_the_account_in_its_own_keys() -> None:
    wild = [
        (name, statement["Sid"])
        for name, made in ALL.items()
        for statement, actions, _ in statements(made)
        for one in actions
        if "*" in one and statement["Effect"] == "Allow"
    ]
    assert wild == [("key policy", "AccountDecides")]


@pytest.mark.parametrize("role", whole())
def test_every_required_resource_is_allowed(role: str, evidence: Evidence) -> None:
    """What an action needs may stand in several statements of the role; together they must name each kind."""
    patterns: dict[str, list[str]] = defaultdict(list)
    for _, actions, resources in statements(whole()[role]):
        for one in actions:
            patterns[one] += resources
    missing = []
    for name, allowed in patterns.items():
        known = action(name)
        assert known is not None, name
        missing += [f"{name} on {need.kind or '*'}" for need in known.resources if need.required and not need.matched_by(allowed)]
    # The parameters AWS publishes belong to no account, and their ARN names none; the reference writes it with one.
    assert [need for need in missing if need not in PUBLIC | SESSIONS | EITHER] == []
    evidence.record("IAM policies name real actions, on resources those work on", "asserted", "AWS's authorization reference")


@pytest.mark.parametrize("role", whole())
def test_every_tag_condition_can_be_met(role: str, evidence: Evidence) -> None:
    """An action that does not know a tag key is refused for ever, however right the tags are."""
    dead = []
    for statement, actions, resources in statements(whole()[role]):
        keys = [
            key
            for test in statement.get("Condition", {}).values()
            for key in test
            if any(part in key for part in ("Tag/", "Boundary", "PolicyARN", "CreateAction", "RecordSets"))
        ]
        for one in actions:
            known = action(one)
            assert known is not None, one
            dead += [f"{statement['Sid']}: {one} knows no {key}" for key in keys if not known.knows(key, resources)]
    assert dead == []
    evidence.record("IAM conditions on tags are ones that each action knows", "asserted", "AWS's authorization reference")


@pytest.mark.parametrize("name", [*IDENTITY, "key policy"])
def test_every_star_resource_has_its_reason(name: str) -> None:
    stars = [statement["Sid"] for statement, _, resources in statements(ALL[name]) if resources == ["*"]]
    assert [sid for sid in stars if sid not in REASONS and not sid.startswith(("EksUses", "EksGrants"))] == []


def test_no_reason_outlives_its_statement() -> None:
    stars = {statement["Sid"] for made in ALL.values() for statement, _, resources in statements(made) if resources == ["*"]}
    assert sorted(set(REASONS) - stars) == []


@pytest.mark.parametrize("name", IDENTITY)
def test_a_write_on_everything_is_limited_by_a_condition(name: str) -> None:
    """Reads may be wide; what creates on `*` must at least carry the tag."""
    excused = {"backup-storage:MountCapsule", "route53:AssociateVPCWithHostedZone"}
    loose = []
    for statement, actions, resources in statements(IDENTITY[name]):
        for one in actions:
            known = action(one)
            assert known is not None, one
            if resources == ["*"] and known.level not in {"List", "Read"} and one not in excused and "Condition" not in statement:
                loose.append(f"{statement['Sid']}: {one}")
    assert loose == []


@pytest.mark.parametrize("name", ALL)
def test_each_intent_has_its_own_sid(name: str) -> None:
    sids = [statement["Sid"] for statement in ALL[name]["Statement"]]
    assert len(set(sids)) == len(sids)
    assert all(sid.isalnum() for sid in sids)

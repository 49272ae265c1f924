"""Linking people: three things each, a trust policy for their account, and one try."""

from __future__ import annotations

import json
from typing import Any

import pytest

from modules.common.servers import pod_name
from tests.unit.ops_vault.conftest import ADA, BOB, ROLE, VAULT_ROLE, Lab, vault_config

BOBS = "arn:aws:iam::310987654321:role/hubsmith-vault-bob"


@pytest.fixture
def ready(lab: Lab) -> Lab:
    """Initialised and configured, with nothing in the record of calls."""
    lab.ready()
    lab.vault.calls.clear()
    return lab


def test_link_writes_role_policy_and_login_and_tries_it(ready: Lab) -> None:
    ready.allow()
    code, out, err = ready.run("link-user", ADA, ROLE)
    assert (code, err) == (0, "")
    assert f"{ADA}: linked to {ROLE}" in out
    assert "Vault assumes the role" in out
    store = ready.vault.store
    assert store[f"aws/roles/userrole-{ADA}"] == {
        "credential_type": "assumed_role",
        "role_arns": [ROLE],
        "external_id": f"{ready.config.deployment}/{ADA}",
        "default_sts_ttl": 3600,
        "max_sts_ttl": 3600,
    }
    login = store[f"auth/hub/role/{pod_name(ADA)}"]
    assert login["bound_claims"] == {"/kubernetes.io/pod/name": pod_name(ADA), "/kubernetes.io/namespace": "jupyterhub"}
    assert login["token_policies"] == [f"userrole-{ADA}"]
    # The way in comes last: before there is a policy it would lead nowhere, or somewhere else.
    assert [path.rpartition("/")[0] for _, path in ready.vault.writes] == ["aws/roles", "sys/policies/acl", "auth/hub/role"]


def test_the_trust_policy_names_vault_and_the_person(ready: Lab) -> None:
    found = ready.json("link-user", ADA, ROLE, "--no-test")
    statement = found["trust_policy"]["Statement"][0]
    assert statement["Principal"] == {"AWS": VAULT_ROLE}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": f"{ready.config.deployment}/{ADA}"}}
    assert (found["exit"], found["test"], found["pod"]) == (0, "skipped", pod_name(ADA))


def test_without_trust_it_says_so_and_prints_the_policy(ready: Lab) -> None:
    code, out, _ = ready.run("link-user", ADA, ROLE)
    assert code == 1
    assert "the trust is not there yet" in out
    policy = json.loads(out[out.index("    {") : out.rindex("    }") + 5])
    assert policy["Statement"][0]["Action"] == "sts:AssumeRole"
    # It is linked all the same: the next try needs no writing.
    ready.allow()
    ready.vault.calls.clear()
    code, out, _ = ready.run("link-user", ADA, ROLE)
    assert (code, ready.vault.writes) == (0, [])
    assert "linked before; no change" in out


def test_another_role_replaces_the_first(ready: Lab) -> None:
    ready.run("link-user", ADA, ROLE, "--no-test")
    code, out, _ = ready.run("link-user", ADA, f"{ROLE}-2", "--no-test")
    assert code == 0
    assert "role: brought up to date" in out
    assert ready.vault.store[f"aws/roles/userrole-{ADA}"]["role_arns"] == [f"{ROLE}-2"]


def test_somebody_elses_role_is_not_assumed_for_ada(ready: Lab) -> None:
    """Bob's account trusts Vault for Bob; linking it to Ada by mistake gives her nothing."""
    ready.allow(BOB, BOBS)
    code, out, _ = ready.run("link-user", ADA, BOBS)
    assert code == 1
    assert "the trust is not there yet" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["ada", ROLE], '"ada" is no e-mail address'),
        (["ada@@example.org", ROLE], "is no e-mail address"),
        (["aba@example.org", ROLE], f"did you mean {ADA}?"),
        (["zoe@example.org", ROLE], "is not among auth.allowed or auth.admins of lab"),
        (["ada+x@example.org", ROLE, "--hub-user", ADA], "a sign that Vault takes in no name"),
        ([ADA, "hubsmith-vault-ada"], "is no ARN of a role"),
        ([ADA, "arn:aws:iam::210987654321:user/ada"], "is no ARN of a role"),
        ([ADA, "arn:aws-cn:iam::210987654321:role/hubsmith-vault-ada"], "is in partition aws-cn"),
        ([ADA, "arn:aws:iam::210987654321:role/Admin"], "Vault may not assume arn:aws:iam::210987654321:role/Admin"),
    ],
)
def test_a_wrong_address_or_role_is_refused_before_vault_is_asked(lab: Lab, words: list[str], says: str) -> None:
    code, out, err = lab.run("link-user", *words)
    assert (code, out) == (1, "")
    assert says in err
    assert "what to do" in err
    assert lab.vault.calls == []


def test_user_roles_of_hub_yaml_decide_which_roles(make_lab: Any) -> None:
    lab = make_lab(vault_config(user_roles=["arn:aws:iam::210987654321:role/people-*"])).ready()
    assert lab.run("link-user", ADA, ROLE)[0] == 1
    lab.allow(role="arn:aws:iam::210987654321:role/people-ada")
    assert lab.run("link-user", ADA, "arn:aws:iam::210987654321:role/people-ada")[0] == 0


def test_one_name_in_the_hub_is_one_person(ready: Lab) -> None:
    ready.run("link-user", ADA, ROLE, "--no-test")
    code, _, err = ready.run("link-user", "other@example.org", ROLE, "--hub-user", ADA, "--no-test")
    assert code == 1
    assert f"is linked as {ADA} already" in err


def test_a_dry_run_writes_nothing(ready: Lab) -> None:
    code, out, _ = ready.run("link-user", ADA, ROLE, "--dry-run")
    assert (code, ready.vault.writes) == (0, [])
    assert "would be linked" in out


def test_unlink_takes_all_three(ready: Lab) -> None:
    before = set(ready.vault.store)
    ready.run("link-user", ADA, ROLE, "--no-test")
    assert len(set(ready.vault.store) - before) == 3
    code, out, _ = ready.run("unlink-user", "ADA@example.org")
    assert code == 0
    assert "an hour" in out
    assert set(ready.vault.store) == before


@pytest.mark.parametrize(("typed", "hint"), [("aba@example.org", f"did you mean {ADA}?"), ("zoe@example.org", "is not linked")])
def test_unlink_of_nobody(ready: Lab, typed: str, hint: str) -> None:
    ready.run("link-user", ADA, ROLE, "--no-test")
    code, _, err = ready.run("unlink-user", typed)
    assert code == 1
    assert hint in err


def test_users_are_listed_with_their_pods(ready: Lab) -> None:
    assert "0 people linked" in ready.run("users")[1]
    ready.run("link-user", ADA, ROLE, "--no-test")
    ready.run("link-user", BOB, BOBS, "--no-test")
    assert ready.json("users")["users"] == [
        {"user": ADA, "role_arns": [ROLE], "pod": pod_name(ADA)},
        {"user": BOB, "role_arns": [BOBS], "pod": pod_name(BOB)},
    ]
    out = ready.run("users")[1]
    assert "2 people linked" in out
    assert pod_name(BOB) in out

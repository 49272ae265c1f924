"""The role that plans pull requests: reads, locks, and nothing else; for one environment of one repository."""

from __future__ import annotations

import json

import pytest

from modules.common.errors import HubError
from modules.config.load import load_env
from modules.iam.document import MANAGED_POLICY_MAX, TRUST_POLICY_MAX, size
from modules.iam.plan_role import plan_policies, plan_policy, plan_trust, role_arn
from modules.iam.provisioning import actions
from modules.iam.provisioning.types import ACTIONS, DATA_SOURCES, EPHEMERAL
from modules.ops import cli
from tests._support.iam_evaluate import allows
from tests._support.iam_reference import action
from tests._support.policies import ROOT, env_names

WITH_ACCOUNT = [env for env in env_names() if load_env(ROOT, env).aws.account]
LOCKS = {"s3:PutObject", "s3:DeleteObject", "dynamodb:PutItem", "dynamodb:DeleteItem"}


def listed(env: str) -> set[str]:
    found: set[str] = set()
    for statement in plan_policy(load_env(ROOT, env))["Statement"]:
        found.update([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    return found


@pytest.mark.parametrize("env", WITH_ACCOUNT)
def test_it_reads_and_locks_and_changes_nothing(env: str) -> None:
    levels = {name: known.level for name in listed(env) if (known := action(name))}
    assert levels.keys() == listed(env)
    # IAM's reference counts decrypting as a write.
    assert {name for name, level in levels.items() if level not in {"List", "Read"}} == LOCKS | {"kms:Decrypt"}


@pytest.mark.parametrize("env", WITH_ACCOUNT)
def test_it_reads_all_that_terraform_reads_and_nobodys_name(env: str) -> None:
    installs = set(actions(load_env(ROOT, env)))
    reads = {
        name
        for names in {**ACTIONS, **DATA_SOURCES, **EPHEMERAL}.values()
        for name in names
        if name in installs and (known := action(name)) and known.level in {"List", "Read"}
    }
    assert sorted(reads - listed(env)) == []
    assert not {name for name in listed(env) if name.startswith("cognito-idp:ListUsers") or "AdminGet" in name}


@pytest.mark.parametrize("env", WITH_ACCOUNT)
def test_it_fits_iams_quotas(env: str) -> None:
    config = load_env(ROOT, env)
    made = plan_policies(config)
    assert max(map(size, made.values())) <= MANAGED_POLICY_MAX
    assert len(made) <= 10
    assert [each for policy in made.values() for each in policy["Statement"]] == plan_policy(config)["Statement"]
    assert size(plan_trust(config, "dandi/hubs")) <= TRUST_POLICY_MAX


@pytest.mark.parametrize(
    ("name", "key", "may"),
    [
        ("s3:GetObject", "{env}/{env}-data.tfstate", True),
        ("s3:PutObject", "{env}/{env}-data.tfstate.tflock", True),
        ("s3:DeleteObject", "{env}/{env}-data.tfstate.tflock", True),
        ("s3:PutObject", "{env}/{env}-data.tfstate", False),
        ("s3:DeleteObject", "{env}/{env}-data.tfstate", False),
        ("s3:GetObject", "other/other-data.tfstate", False),
        ("s3:PutObject", "other/other-data.tfstate.tflock", False),
    ],
)
def test_states_are_read_and_only_locks_are_written(name: str, key: str, may: bool) -> None:
    config = load_env(ROOT, "dandi")
    arn = f"arn:aws:s3:::{config.state_bucket}/{key.format(env='dandi')}"
    assert allows(plan_policy(config), name, arn) is may


def test_a_states_checksum_is_not_a_lock() -> None:
    config = load_env(ROOT, "dandi")
    (rows,) = [each for each in plan_policy(config)["Statement"] if each["Sid"] == "LockRows"]
    assert rows["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{config.state_bucket}/dandi/*.tfstate"]}}


def test_only_one_environment_of_one_repository_may_become_it() -> None:
    (statement,) = plan_trust(load_env(ROOT, "dandi"), "dandi/hubs")["Statement"]
    issuer = "token.actions.githubusercontent.com"
    wanted = {f"{issuer}:sub": "repo:dandi/hubs:environment:hub-plan", f"{issuer}:aud": "sts.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": wanted}
    assert statement["Principal"] == {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{issuer}"}


@pytest.mark.parametrize("name", ["dandi/*", "dandi", "*/*", "dandi/hubs:*", "", "a/b/c", "-a/b"])
def test_a_repository_that_is_no_exact_name_is_refused(name: str) -> None:
    with pytest.raises(HubError, match="is not the name of one repository"):
        plan_trust(load_env(ROOT, "dandi"), name)


def test_it_lives_outside_what_the_installing_role_may_write() -> None:
    config = load_env(ROOT, "dandi")
    assert role_arn(config) == f"arn:aws:iam::123456789012:role/hubsmith-plan-{config.deployment}"
    assert f"hubsmith/{config.deployment}" not in role_arn(config)


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    config = load_env(ROOT, "dandi")
    assert cli.main(["plan-role", "dandi", "--outputs"]) == 0
    assert capsys.readouterr().out == f"role={role_arn(config)}\nregion=us-east-2\n"
    assert cli.main(["plan-role", "dandi", "--repository", "dandi/hubs"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == {"role": role_arn(config), "trust": plan_trust(config, "dandi/hubs"), "policies": plan_policies(config)}
    assert cli.main(["plan-role", "demo", "--outputs"]) == 1
    assert "./hub plan demo --offline" in capsys.readouterr().err

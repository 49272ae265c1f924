"""The role that plans pull requests: reads what an install would read, locks the states while it does, changes nothing.

It is the provisioning role without the actions that write, so what one may see of an env is said in one place. Terraform
opens secrets when it plans, and states are readable: whoever may run code with this role can read both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from modules.common.errors import HubError
from modules.iam import trust
from modules.iam.document import MANAGED_POLICY_MAX, Document, Statement, allow, document, size
from modules.iam.provisioning import provisioning_policy
from modules.iam.provisioning.scope import Env, Scope

#: GitHub's environment that the workflow names, whose reviewers decide when the role is used.
ENVIRONMENT = "hub-plan"
#: Verbs that change nothing. Decrypt is what reading an encrypted state, bucket or secret takes.
_READS = re.compile(r"\w[\w-]*:(BatchGet|Decrypt|Describe|Get|List|Lookup|Scan|Search|Simulate)\w*")
#: Who is in the user pool is nothing that a plan shows.
_PEOPLE = re.compile(r"cognito-idp:ListUsers\w*")


def role_name(config: Env) -> str:
    """The role's name, outside the path that the provisioning role may write to."""
    return f"hubsmith-plan-{config.deployment}"


def role_arn(config: Env) -> str:
    """The role's ARN. Raises HubError for an env without an account."""
    return Scope.of(_with_account(config)).iam(f"role/{role_name(config)}")


def plan_policy(config: Env) -> Document:
    """All that the role may do, as one document, for reading."""
    scope = Scope.of(_with_account(config))
    reading = [found for statement in provisioning_policy(config)["Statement"] if (found := _reading(statement))]
    return document(*reading, *_locks(scope))


def plan_policies(config: Env) -> dict[str, Document]:
    """The same, as managed policies that each fit IAM's quota, by their names."""
    packed: list[list[Statement]] = [[]]
    for statement in plan_policy(config)["Statement"]:
        if packed[-1] and size(document(*packed[-1], statement)) > MANAGED_POLICY_MAX:
            packed.append([])
        packed[-1].append(statement)
    return {f"{role_name(config)}-{number}": document(*statements) for number, statements in enumerate(packed, start=1)}


def plan_trust(config: Env, repository: str) -> Document:
    """Who may become the role: jobs of one GitHub repository (`owner/name`) in the environment hub-plan, and nobody else.

    Raises HubError for a repository that is no exact name, and for an env without an account.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+", repository):
        raise HubError(f'"{repository}" is not the name of one repository', fix="give owner/name, as it stands in its address")
    provider = Scope.of(_with_account(config)).iam(f"oidc-provider/{trust.GITHUB_ISSUER}")
    return trust.github_oidc(provider_arn=provider, repository=repository, environment=ENVIRONMENT)


def _with_account(config: Env) -> Env:
    if config.aws.account is None:
        raise HubError(
            "this env names no account, so there is no role to plan it with",
            where=f"envs/{config.env}/hub.yaml: aws.account",
            fix=f"plan it without one: ./hub plan {config.env} --offline",
        )
    return config


def _reading(statement: Statement) -> dict[str, Any]:
    """The statement with the actions that read; {} when none does."""
    listed: Sequence[str] = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
    reads = [action for action in listed if _READS.fullmatch(action) and not _PEOPLE.fullmatch(action)]
    return {**statement, "Action": reads if len(reads) > 1 else reads[0]} if reads else {}


def _locks(scope: Scope) -> list[Statement]:
    """A plan locks the state that it reads; no state is ever written by it, nor the row with a state's checksum."""
    rows = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{scope.state_bucket}/{scope.env}/*.tfstate"]}}
    return [
        allow("LockStates", ("s3:DeleteObject", "s3:PutObject"), f"{scope.bucket(scope.state_bucket)}/{scope.env}/*.tflock"),
        allow("LockRows", ("dynamodb:DeleteItem", "dynamodb:PutItem"), scope.arn("dynamodb", f"table/{scope.lock_table}"), conditions=rows),
    ]

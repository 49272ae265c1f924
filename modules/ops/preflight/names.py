"""Are the names free that this env is going to take, or its own already?

Which names is read from the synthesised stacks, so a construct more needs nothing here. What carries this deployment's tag, or
lies below its IAM path, is this env's. A name that something on its way out still holds stops an install as well as one in use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from modules.common.errors import HubError
from modules.ops.preflight import names_global, names_regional
from modules.ops.preflight.check import Answer, Check, Context, Finding

#: Resource type → the argument that is its name, and who judges the names.
_KINDS: dict[str, tuple[str, Callable[[Context, Sequence[str]], Iterator[Finding]]]] = {
    "aws_kms_alias": ("name", names_regional.aliases),
    "aws_secretsmanager_secret": ("name", names_regional.secrets),
    "aws_cloudwatch_log_group": ("name", names_regional.log_groups),
    "aws_eks_cluster": ("name", names_regional.clusters),
    "aws_s3_bucket": ("bucket", names_global.buckets),
    "aws_iam_role": ("name", names_global.roles),
    "aws_iam_policy": ("name", names_global.policies),
    "aws_cognito_user_pool_domain": ("domain", names_global.pool_domains),
}


def check_names(context: Context) -> Answer:
    """Judge every name; a kind that AWS does not let us look at is named, and the others are judged all the same.

    Raises HubError when the env cannot be synthesised.
    """
    findings: list[Finding] = []
    refused: list[str] = []
    wanted = _wanted(context)
    for kind, names in wanted.items():
        try:
            findings += _KINDS[kind][1](context, names)
        except HubError as error:
            refused.append(str(error))
    return Answer(f"{sum(len(names) for names in wanted.values())} names", findings, "\n".join(refused))


def _wanted(context: Context) -> dict[str, tuple[str, ...]]:
    """By type, the names the stacks write out; the state bucket too, which is made before any stack."""
    found: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    for stack in context.stacks():
        resources = stack.document().get("resource", {})
        for kind, (argument, _) in _KINDS.items():
            found[kind] += [str(body.get(argument, "")) for body in resources.get(kind, {}).values()]
    found["aws_s3_bucket"].append(context.config.state_bucket)
    # What Terraform alone works out (`${…}`) cannot be looked up before it does.
    made = {kind: tuple(sorted({name for name in names if name and "${" not in name})) for kind, names in found.items()}
    return {kind: names for kind, names in made.items() if names}


NAMES = Check("names", check_names)

"""The verbs about hub.yaml itself; none of them needs a network or an account."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from modules.common.errors import HubError
from modules.ops.cli import parts

if TYPE_CHECKING:
    from modules.config.models import HubConfig


@parts.app.command(epilog="Examples:  ./hub validate dandi      ./hub validate --all      ./hub validate dandi --explain")
def validate(
    env: Annotated[str, typer.Argument(help="A folder of envs/.", metavar="[ENV]")] = "",
    every: Annotated[bool, typer.Option("--all", help="Check every env.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show each value and the file and line it comes from.")] = False,
    as_json: parts.AsJson = False,
) -> int:
    """Check hub.yaml: every mistake at once, with what to do about it. Needs no network and no account."""
    from modules.ops.check import check

    if bool(env) == every:
        raise typer.BadParameter("name one ENV, or say --all")
    return check(parts.ROOT, None if every else env, explain=explain, as_json=as_json)


@parts.app.command(epilog="Example:  ./hub schema > envs/schema.json")
def schema() -> int:
    """Print the JSON schema of hub.yaml, for editors."""
    from modules.config.schema import schema_text

    print(schema_text(), end="")
    return 0


@parts.app.command("import-tfvars", epilog="Example:  ./hub import-tfvars ../dandihub/envs/dandi/terraform.tfvars > envs/mine/hub.yaml")
def import_tfvars(file: Annotated[Path, typer.Argument(help="A dandihub terraform.tfvars.")]) -> int:
    """Print the hub.yaml that says what a dandihub terraform.tfvars says; what has no place in it is listed on stderr."""
    from modules.config.tfvars import import_tfvars as read

    try:
        imported = read(file.read_text(encoding="utf-8"), file.name)
    except OSError as error:
        print(f"{file}: cannot be read: {error.strerror}", file=sys.stderr)
        return 1
    except UnicodeDecodeError:
        print(f"{file}: is not UTF-8 text", file=sys.stderr)
        return 1
    except HubError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(imported.yaml, end="")
    for each in imported.unmapped:
        print(f"not mapped: {each.name}: {each.reason}", file=sys.stderr)
    return 0


@parts.app.command("iam-policy", epilog="Example:  ./hub iam-policy dandi > deployer.json")
def iam_policy(env: parts.Env) -> int:
    """Print the least-privilege policy of the role that installs ENV."""

    def body(config: HubConfig) -> int:
        from modules.iam.provisioning import provisioning_policy

        make: Callable[[Any], dict[str, Any]] = provisioning_policy
        print(json.dumps(make(config), indent=2))
        return 0

    return parts.run("iam-policy", env, False, body)


@parts.app.command("plan-role", epilog="Example:  ./hub plan-role dandi --repository dandi/hubs > plan-role.json")
def plan_role(
    env: parts.Env,
    repository: Annotated[str, typer.Option("--repository", help="Whose pull requests it plans, as owner/name.")] = "",
    outputs: Annotated[bool, typer.Option("--outputs", help="Print role and region as outputs of a workflow's step.")] = False,
) -> int:
    """Print the read-only role that plans ENV in pull requests: its name, its trust policy and what it may do."""

    def body(config: HubConfig) -> int:
        from modules.iam import plan_role as made

        known: Any = config
        if outputs:
            print(f"role={made.role_arn(known)}\nregion={config.region}")
            return 0
        trust = made.plan_trust(known, repository) if repository else None
        print(json.dumps({"role": made.role_arn(known), "trust": trust, "policies": made.plan_policies(known)}, indent=2))
        return 0

    return parts.run("plan-role", env, False, body)

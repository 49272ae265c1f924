"""./hub sweep: what is in the account of an env that neither Terraform nor a cluster looks after."""

from __future__ import annotations

from typing import Annotated

import typer

from modules.ops.cli import parts


@parts.app.command(epilog="Examples:  ./hub sweep dandi --dry-run      ./hub sweep dandi --yes --json")
def sweep(
    env: parts.Env,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would go; exit 2 when there is something.")] = False,
    yes: parts.Yes = False,
    as_json: parts.AsJson = False,
) -> int:
    """Remove what ENV left in AWS and no Terraform state knows. Data stays, and whatever a running cluster may use."""
    from modules.ops.sweep.command import SweepOptions
    from modules.ops.sweep.command import sweep_env as run

    return parts.run("sweep", env, as_json, lambda config: run(parts.ROOT, config, SweepOptions(dry_run, yes, as_json)), judged=False)

"""The verbs that change an env: install, plan, cleanup."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modules.ops.cli import parts

if TYPE_CHECKING:
    from modules.config.models import HubConfig


@parts.app.command(epilog="Example:  ./install.sh dandi --plan")
def install(
    env: parts.Env,
    plan_only: Annotated[bool, typer.Option("--plan", help="Show what would change; exit 0 for nothing, 2 for changes.")] = False,
    as_json: parts.AsJson = False,
    yes: parts.Yes = False,
    skip_preflight: Annotated[bool, typer.Option("--skip-preflight", help="Do not ask AWS first whether it can work.")] = False,
) -> int:
    """Build ENV, or bring it up to date. The same as ./install.sh ENV."""
    from modules.ops.install import InstallOptions
    from modules.ops.install import install as run

    options = InstallOptions(plan_only, as_json, yes, skip_preflight)
    return parts.run("plan" if plan_only else "install", env, as_json, lambda config: run(parts.ROOT, config, options))


@parts.app.command(epilog="Examples:  ./hub plan dandi --json | tail -1      ./hub plan dandi --markdown --out report.md --base ../main")
def plan(
    env: parts.Env,
    as_json: parts.AsJson = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the plan as a comment for a pull request, and nothing else.")] = False,
    file: Annotated[Path | None, typer.Option("--out", help="Write the Markdown there instead.", metavar="FILE")] = None,
    base: Annotated[Path | None, typer.Option("--base", help="A checkout to compare files and cost with.", metavar="FOLDER")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Without credentials: plan against the emulator.")] = False,
    allow_data_loss: Annotated[bool, typer.Option("--allow-data-loss", help="End as any other plan when data would be lost.")] = False,
) -> int:
    """Show what an install would change. Exit 0 for nothing, 2 for changes, 3 where data would be lost, 1 for an error."""
    from modules.ops.pull_request.command import PlanOptions, plan_env, write_failure

    options = PlanOptions(markdown or file is not None, file, base, offline, allow_data_loss, as_json)

    def body(config: HubConfig) -> int:
        options.check()
        return plan_env(parts.ROOT, config, options)

    return parts.run("plan", env, as_json, body, failed=lambda said: write_failure(options, env, said))


@parts.app.command(epilog="Examples:  ./cleanup.sh dandi --dry-run      ./cleanup.sh demo --delete-data --confirm demo")
def cleanup(
    env: parts.Env,
    stack: Annotated[str, typer.Argument(help="Only this stack, such as hub; default: all of them.", metavar="[STACK]")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would go and what would stay.")] = False,
    delete_data: Annotated[bool, typer.Option("--delete-data", help="Remove file systems, buckets and users too.")] = False,
    purge_state: Annotated[bool, typer.Option("--purge-state", help="Remove Terraform's states and their bucket too.")] = False,
    confirm: Annotated[str, typer.Option("--confirm", help="The env's name, where nobody can type it.", metavar="ENV")] = "",
    as_json: parts.AsJson = False,
) -> int:
    """Take ENV away; data is kept unless told otherwise. The same as ./cleanup.sh ENV."""
    from modules.ops.cleanup import CleanupOptions
    from modules.ops.cleanup import cleanup as run

    options = CleanupOptions(dry_run, delete_data, purge_state, confirm, as_json, stack)
    return parts.run("cleanup", env, as_json, lambda config: run(parts.ROOT, config, options), judged=False)

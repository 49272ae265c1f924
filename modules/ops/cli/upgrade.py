"""./hub upgrade: another Kubernetes version."""

from __future__ import annotations

from typing import Annotated

import typer

from modules.ops.cli import parts


@parts.app.command(epilog="Examples:  ./hub upgrade dandi --to 1.36 --plan      ./hub upgrade dandi --to 1.36 --write --yes")
def upgrade(
    env: parts.Env,
    to: Annotated[str, typer.Option("--to", help="The Kubernetes version, such as 1.36.", metavar="VERSION")],
    plan: Annotated[bool, typer.Option("--plan", help="Show the steps and what stands in their way; change nothing.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Change cluster.version in hub.yaml for you.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Do not wait for people's servers: they are ended with their nodes.")] = False,
    wait: Annotated[float, typer.Option("--wait", help="Minutes to wait for people's servers.", min=0, metavar="MINUTES")] = 60,
    yes: parts.Yes = False,
    as_json: parts.AsJson = False,
) -> int:
    """Move ENV's cluster to a newer Kubernetes, one minor version a run. Running servers are waited for. Run it again to go on."""
    from modules.ops.upgrade.command import UpgradeOptions
    from modules.ops.upgrade.command import upgrade as run

    options = UpgradeOptions(to, plan_only=plan, write=write, force=force, yes=yes, as_json=as_json, wait=wait)
    return parts.run("upgrade", env, as_json, lambda config: run(parts.ROOT, config, options), judged=False)

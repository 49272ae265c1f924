"""./hub sleep and ./hub wake: an env that nobody uses for a while."""

from __future__ import annotations

from typing import Annotated

import typer

from modules.ops.cli import parts


@parts.app.command(epilog="Examples:  ./hub sleep dandi --dry-run      ./hub sleep dandi --remove-nat      ./hub sleep dandi --deep --yes")
def sleep(
    env: parts.Env,
    force: Annotated[bool, typer.Option("--force", help="Also while people work: their servers are ended.")] = False,
    remove_nat: Annotated[bool, typer.Option("--remove-nat", help="Take the network's NAT gateways away too, by Terraform.")] = False,
    remove_balancers: Annotated[
        bool, typer.Option("--remove-load-balancers", help="And the load balancers; they come back at new addresses.")
    ] = False,
    deep: Annotated[
        bool, typer.Option("--deep", help="Both, and the gateways' addresses: the least an env costs, seen from new addresses afterwards.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be stopped; change nothing.")] = False,
    yes: parts.Yes = False,
    as_json: parts.AsJson = False,
) -> int:
    """Stop ENV's nodes until `./hub wake`. Data and cluster stay, and addresses unless you say so. Refused while a notebook runs."""
    from modules.ops.sleep.command import SleepOptions
    from modules.ops.sleep.command import sleep as run

    options = SleepOptions(force, remove_nat, remove_balancers, yes, as_json, dry_run, deep)
    return parts.run("sleep", env, as_json, lambda config: run(parts.ROOT, config, options), judged=False)


@parts.app.command(epilog="Example:  ./hub wake dandi")
def wake(env: parts.Env, as_json: parts.AsJson = False) -> int:
    """Bring a sleeping ENV back as it was, and wait until its hub answers. Run it again to go on."""
    from modules.ops.sleep.command import wake as run

    return parts.run("wake", env, as_json, lambda config: run(parts.ROOT, config, as_json=as_json), judged=False)

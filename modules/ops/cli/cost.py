"""./hub cost: a month idle, asleep, and an hour of each profile."""

from __future__ import annotations

from typing import Annotated

import typer

from modules.ops.cli import parts


@parts.app.command(epilog="Examples:  ./hub cost dandi --users 40      ./hub cost dandi --per Base --json")
def cost(
    env: parts.Env,
    per: Annotated[str | None, typer.Option("--per", metavar="PROFILE", help="Of the servers, this profile's alone.")] = None,
    users: Annotated[int | None, typer.Option("--users", min=0, help="People with a home, for the cost of data (10).")] = None,
    home_gb: Annotated[int | None, typer.Option("--home-gb", min=0, help="GB in each home on EFS (10).")] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Compare with AWS's price list; needs pricing:GetProducts.")] = False,
    as_json: parts.AsJson = False,
) -> int:
    """Estimate what ENV costs from its file and a dated table of prices: a month idle, asleep, an hour of each profile."""
    from modules.ops.cost.command import cost as run

    return parts.run(
        "cost",
        env,
        as_json,
        lambda config: run(parts.ROOT, config, profile=per, users=users, home_gb=home_gb, refresh=refresh, as_json=as_json),
        judged=False,
    )

"""./hub homes: the homes and the hub's database that outlive the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modules.ops.cli import parts

if TYPE_CHECKING:
    from modules.config.models import HubConfig


@parts.app.command(epilog="Examples:  ./hub homes list helio      ./hub homes restore helio --dry-run")
def homes(
    action: Annotated[str, typer.Argument(help="list or restore.", metavar="list|restore")],
    env: parts.Env,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="restore: say what would happen, and touch nothing.")] = False,
    as_json: parts.AsJson = False,
) -> int:
    """List whose homes there are and where they lie, or give volumes back to the cluster (an install does so by itself)."""
    if action not in ("list", "restore"):
        raise typer.BadParameter(f'"{action}" is none of list, restore')
    if dry_run and action == "list":
        raise typer.BadParameter("--dry-run says nothing to list")

    def body(config: HubConfig) -> int:
        from modules.ops.homes.command import list_homes, restore

        if action == "list":
            return list_homes(parts.ROOT, config, as_json=as_json)
        return restore(parts.ROOT, config, dry_run=dry_run, as_json=as_json)

    return parts.run("homes", env, as_json, body, judged=False)

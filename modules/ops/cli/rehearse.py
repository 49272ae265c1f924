"""./hub rehearsal: the emulated account of a rehearsal env."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modules.ops.cli import parts

if TYPE_CHECKING:
    from modules.config.models import HubConfig


@parts.app.command(epilog="Examples:  ./hub rehearsal status      ./hub rehearsal cluster demo      ./hub rehearsal stop demo")
def rehearsal(
    action: Annotated[str, typer.Argument(help="status, cluster, stop or reset.", metavar="status|cluster|stop|reset")],
    env: Annotated[str, typer.Argument(help="A rehearsal env.", metavar="[ENV]")] = "demo",
    as_json: parts.AsJson = False,
) -> int:
    """Show, end or empty the emulated account of a rehearsal; `cluster` shows what is in its cluster."""
    if action not in ("status", "cluster", "stop", "reset"):
        raise typer.BadParameter(f'"{action}" is none of status, cluster, stop, reset')

    def body(config: HubConfig) -> int:
        from modules.rehearsal import session

        if action == "status":
            running = session.status(parts.ROOT, config.env)
            print(f"{env}: running on {running.url} (process {running.pid})" if running else f"{env}: not running")
        elif action == "cluster":
            from modules.ops.verdicts import say_cluster

            say_cluster(env, session.cluster(parts.ROOT, config.env), session.cluster_dump(parts.ROOT, config.env), as_json=as_json)
        elif action == "stop":
            print(f"{env}: stopped; its account is gone" if session.stop(parts.ROOT, config.env) else f"{env}: was not running")
        else:
            print(f"{env}: its account is empty" if session.reset(parts.ROOT, config.env) else f"{env}: was not running")
        return 0

    return parts.run("rehearsal", env, False, body)

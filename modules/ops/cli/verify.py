"""./hub verify: whether what was installed works."""

from __future__ import annotations

from typing import Annotated

import typer

from modules.ops.cli import parts


@parts.app.command(epilog="Examples:  ./hub verify dandi      ./hub verify helio --spawn --dask      ./hub verify dandi --wait 600 --json")
def verify(
    env: parts.Env,
    wait: Annotated[
        float | None, typer.Option("--wait", help="Seconds to wait for what time may cure; default: 60, for DNS alone.", min=0)
    ] = None,
    spawn: Annotated[bool, typer.Option("--spawn", help="Start a server for a test user, run a cell, stop it.")] = False,
    dask: Annotated[bool, typer.Option("--dask", help="In that server, compute on a Dask cluster of two workers.")] = False,
    profile: Annotated[str, typer.Option("--profile", help="Which profile to start; default: the hub's own.", metavar="NAME")] = "",
    url: Annotated[
        str, typer.Option("--url", help="Where the hub answers, when not at its name: a port-forward, say.", metavar="URL")
    ] = "",
    as_json: parts.AsJson = False,
) -> int:
    """Look whether ENV works: stacks, nodes, volumes, controllers, DNS, certificate, login, gateway. Exit 1 when something is red."""
    from modules.ops.verify.command import verify as run
    from modules.ops.verify.scene import Options

    options = Options(wait, url, spawn or dask, dask, profile)
    return parts.run("verify", env, as_json, lambda config: run(parts.ROOT, config, options, as_json=as_json), judged=False)

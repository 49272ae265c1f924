"""./hub shell: a shell inside the env's network."""

from __future__ import annotations

from typing import Annotated

import typer

from modules.ops.cli import parts


@parts.app.command(epilog="Examples:  ./hub shell helio      ./hub shell helio --print")
def shell(
    env: parts.Env,
    start: Annotated[bool, typer.Option("--start", help="Start the box without asking when it is stopped.")] = False,
    only_print: Annotated[bool, typer.Option("--print", help="Print the command and open nothing.")] = False,
    as_json: parts.AsJson = False,
) -> int:
    """Open a shell on ENV's admin box, by SSM. `--json` opens nothing."""
    from modules.ops.shell import ShellOptions
    from modules.ops.shell import shell as run

    options = ShellOptions(start, only_print, as_json)
    return parts.run("shell", env, as_json, lambda config: run(parts.ROOT, config, options), judged=False)

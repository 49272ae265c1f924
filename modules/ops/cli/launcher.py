"""./hub launcher: the process launcher of an env."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modules.ops.cli import parts

if TYPE_CHECKING:
    from modules.config.models import HubConfig

_ACTIONS = ("status", "config")


@parts.app.command(epilog="Examples:  ./hub launcher status daft      ./hub launcher config daft > eks.yml")
def launcher(
    action: Annotated[str, typer.Argument(help="status or config.", metavar="|".join(_ACTIONS))],
    env: parts.Env,
    as_json: parts.AsJson = False,
) -> int:
    """Show the processes of ENV, or print the settings with which hydroplane runs outside its cluster."""
    if action not in _ACTIONS:
        raise typer.BadParameter(f'"{action}" is none of {", ".join(_ACTIONS)}')

    def body(config: HubConfig) -> int:
        if action == "config":
            from modules.ops.launcher.outside import print_settings

            return print_settings(parts.ROOT, config, as_json=as_json)
        from modules.ops.launcher.status import status

        return status(parts.ROOT, config, as_json=as_json)

    return parts.run("launcher", env, as_json, body, judged=False)

"""./hub desktop: the remote desktops of an env."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modules.ops.cli import parts

if TYPE_CHECKING:
    from modules.config.models import HubConfig

_ACTIONS = ("status", "start", "stop", "connect")
#: Which options belong to which action; one that would be ignored is refused.
_OPTIONS = {
    "status": (),
    "start": ("--seats", "--wait"),
    "stop": ("--yes",),
    "connect": ("--node", "--port", "--print"),
}


@parts.app.command(epilog="Examples:  ./hub desktop status dandi      ./hub desktop start dandi --wait      ./hub desktop connect dandi")
def desktop(
    action: Annotated[str, typer.Argument(help="status, start, stop or connect.", metavar="|".join(_ACTIONS))],
    env: parts.Env,
    seats: Annotated[int | None, typer.Option("--seats", help="start: how many; default: as hub.yaml says.", metavar="N")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="start: until the desktops have published.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "--force", help="stop: even while somebody is connected.")] = False,
    node: Annotated[str, typer.Option("--node", help="connect: to this node.", metavar="NAME")] = "",
    port: Annotated[int | None, typer.Option("--port", help="connect: port of this machine; default 8443.", min=1, max=65535)] = None,
    only_print: Annotated[bool, typer.Option("--print", help="connect: print the commands and open nothing.")] = False,
    as_json: parts.AsJson = False,
) -> int:
    """Show, start, stop or reach the remote desktops of ENV. `connect --json` opens nothing."""
    given = {"--seats": seats is not None, "--wait": wait, "--yes": yes, "--node": node, "--port": port is not None, "--print": only_print}
    _check(action, [name for name, value in given.items() if value])

    def body(config: HubConfig) -> int:
        if action == "status":
            from modules.ops.desktop.status import status

            return status(parts.ROOT, config, as_json=as_json)
        if action == "connect":
            from modules.ops.desktop.connect import ConnectOptions, connect

            return connect(parts.ROOT, config, ConnectOptions(node, port or ConnectOptions.port, only_print, as_json))
        from modules.ops.desktop.seats import start, stop

        if action == "start":
            return start(parts.ROOT, config, seats=seats, wait=wait, as_json=as_json)
        return stop(parts.ROOT, config, yes=yes, as_json=as_json)

    return parts.run("desktop", env, as_json, body, judged=False)


def _check(action: str, given: list[str]) -> None:
    if action not in _ACTIONS:
        raise typer.BadParameter(f'"{action}" is none of {", ".join(_ACTIONS)}')
    for name in given:
        if name not in _OPTIONS[action]:
            raise typer.BadParameter(f"{name} says nothing to {action}")

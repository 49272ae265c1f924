"""The command line. Each verb imports what it needs when it runs: --help and validate must answer at once."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer

from modules.ops.cli import parts

# Imported for the verbs they register, in the order of --help.
for _group in (
    "build",
    "preflight",
    "cost",
    "files",
    "charts",
    "access",
    "roles",
    "states",
    "sweep",
    "support",
    "users",
    "homes",
    "restore",
    "verify",
    "upgrade",
    "sleep",
    "desktop",
    "ray",
    "vault",
    "launcher",
    "shell",
    "rehearse",
):
    import_module(f"modules.ops.cli.{_group}")


def main(arguments: Sequence[str]) -> int:
    """Run one command; its exit code. Only defects of ours leave a traceback."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    command = typer.main.get_command(parts.app)
    try:
        code = command.main(args=list(arguments), prog_name="./hub", standalone_mode=False)
    except typer.TyperException as error:
        # Typer's own exit code, 2, would read as "changes pending".
        print(f"./hub: {_sentence(error)}\n  what to do  ./hub --help, or ./hub <command> --help", file=sys.stderr)
        return 1
    except (typer.Abort, KeyboardInterrupt):
        return 130
    return int(code) if isinstance(code, int) else 0


def _sentence(error: typer.TyperException) -> str:
    """What was wrong with the command line."""
    words: Any = getattr(error, "format_message", None)
    return str(words() if words else error)


def _as_interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _show_version(value: bool) -> None:
    if value:
        from modules.ops.say import VERSION

        print(f"Hubsmith {VERSION}")
        raise typer.Exit


@parts.app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)] = False,
) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())

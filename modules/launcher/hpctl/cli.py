"""The command: reads what was typed, asks the server, prints, and gives the exit code."""

from __future__ import annotations

import io
import os
import sys
from argparse import Namespace
from collections.abc import Sequence

from modules.common.errors import HubError
from modules.launcher.hpctl.arguments import DEFAULT_SERVER, parse

_WITHOUT_GROUP = ("logs", "open")


def main(arguments: Sequence[str] | None = None) -> int:
    """0 done, 1 refused, 130 interrupted. Only defects of ours leave a traceback, or anything with --debug."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    typed = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _out(_answer(parse(typed)))
        return 0
    except HubError as error:
        if {"-d", "--debug"} & set(typed):
            raise
        return _refused(error, "--json" in typed)
    except KeyboardInterrupt:
        return 130


def _answer(asked: Namespace) -> str:
    # The HTTP client takes longest to import, and --help does without it.
    from modules.launcher.hpctl import server
    from modules.launcher.hpctl.client import Client
    from modules.launcher.hpctl.verbs import VERBS

    if asked.group is not None and asked.verb in _WITHOUT_GROUP:
        raise HubError(f"{asked.verb} takes a process, not a group", fix=f"hpctl {asked.verb} NAME")
    address = server.address(asked.server or os.environ.get("HYDROPLANE_SERVER") or DEFAULT_SERVER)
    client = Client(address, server.token(asked.token_file, os.environ))
    try:
        return VERBS[asked.verb](client, asked)
    finally:
        client.close()


def _refused(error: HubError, as_json: bool) -> int:
    document = getattr(error, "document", None)
    if as_json:
        from modules.launcher.hpctl.show import document as shown

        _out(shown(document if isinstance(document, dict) else {"error": None, "details": error.what}))
    sys.stderr.write(f"hpctl: {error}\n")
    return error.exit_code


def _out(text: str) -> None:
    """A reader that has gone away (`| head`) is no error."""
    if not text:
        return
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Without this Python complains once more when it closes the stream at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

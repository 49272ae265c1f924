"""`python -m modules.rehearsal.emulator`: the emulator's process. Started by modules.rehearsal.session, seldom by hand."""

from __future__ import annotations

import argparse
import os
import secrets
from pathlib import Path

from modules.rehearsal.emulator.server import Options, serve


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m modules.rehearsal.emulator", description="An AWS account on the loopback interface.")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0: any free one")
    parser.add_argument("--ready-file", type=Path, help="written with pid, ports and token once requests are answered")
    parser.add_argument("--log", type=Path, help="where output goes; default: the terminal")
    parser.add_argument("--idle-seconds", type=float, default=0, help="end after this long without a request; 0: never")
    parser.add_argument("--token", help="what the health endpoint identifies itself with; default: a random one")
    return parser.parse_args()


def main() -> None:
    """Read the arguments and serve."""
    arguments = _arguments()
    if arguments.log is not None:
        log = os.open(arguments.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
    serve(Options(arguments.port, arguments.ready_file, arguments.idle_seconds, arguments.token or secrets.token_hex(16)))


if __name__ == "__main__":
    main()

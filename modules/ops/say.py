"""Text that leaves the program outside the running display: the headline, blocks of lines, the last JSON line, errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from modules.ops.progress import Display, Plain

VERSION = "0.7.0"
_CODES = {"bad": "\033[31m", "warn": "\033[33m"}
_RESET = "\033[0m"


def out(text: str) -> None:
    """One line on standard output; a reader that has gone away is no error."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Without this Python complains once more when it closes the stream at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def err(text: str) -> None:
    """Lines on standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def headline(display: Display, env: str, label: str) -> None:
    """Who speaks, about which env, and where it lies."""
    styled(display, [("", f"Hubsmith {VERSION} · env {env} · {label}")])


def marked(style: str, text: str) -> str:
    """`text` in red ("bad") or yellow ("warn") where a person reads it on a terminal."""
    colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return f"{_CODES[style]}{text}{_RESET}" if colours else text


def styled(display: Display, lines: Sequence[tuple[str, str]]) -> None:
    """Lines below each other, red or yellow on a terminal. Silent where the display is (--json)."""
    if type(display) is Display:
        return
    colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and not isinstance(display, Plain)
    for style, text in lines:
        out(f"{_CODES[style]}{text}{_RESET}" if colours and style in _CODES else text)

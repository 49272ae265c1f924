"""Where the password of a local store comes from: a file, an open file descriptor, the environment, or a person."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from modules.common.errors import HubError

VARIABLE = "HYDROPLANE_STORE_PASSWORD"
VARIABLE_FILE = "HYDROPLANE_STORE_PASSWORD_FILE"
_PROMPT = "Password of the secret store: "

#: Asks one hidden question; raises EOFError when there is nobody to ask.
Ask = Callable[[str], str]


def read_password(environ: Mapping[str, str], *, file: Path | None = None, fd: int | None = None, ask: Ask | None = None) -> str:
    """The password from the first of: `file`, `fd`, the two variables, a hidden prompt. One line ending at its end is dropped.

    Raises HubError when the source cannot be read, holds nothing, or nobody is there to be asked.
    """
    named = environ.get(VARIABLE_FILE)
    if file is not None or (fd is None and VARIABLE not in environ and named):
        return _filled(_from_file(file or Path(str(named))))
    if fd is not None:
        return _filled(_from_fd(fd))
    if VARIABLE in environ:
        return _filled(environ[VARIABLE])
    return _filled(asked(_PROMPT, ask))


def new_password(environ: Mapping[str, str], *, file: Path | None = None, fd: int | None = None, ask: Ask | None = None) -> str:
    """As `read_password`, but a person is asked twice, so that a slip of the finger locks nobody out."""
    given = file is not None or fd is not None or VARIABLE in environ or environ.get(VARIABLE_FILE)
    first = read_password(environ, file=file, fd=fd, ask=ask)
    if not given and asked("The same password again: ", ask) != first:
        raise HubError("the two passwords differ. Nothing was made", fix="type the same password twice")
    return first


def asked(question: str, ask: Ask | None = None) -> str:
    """The answer to a hidden question. Raises HubError where there is no terminal to ask it on."""
    if ask is None and not sys.stdin.isatty():
        raise _nobody()
    try:
        return (ask or getpass.getpass)(question)
    except EOFError:
        raise _nobody() from None


def _nobody() -> HubError:
    return HubError("there is no terminal to ask for the password on", fix=f"set {VARIABLE_FILE} or {VARIABLE}, or use --password-file")


def _from_file(path: Path) -> str:
    try:
        return path.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise HubError(f"the password file cannot be read: {why}", where=str(path), fix="name a file with the password alone") from error


def _from_fd(fd: int) -> str:
    try:
        with os.fdopen(fd, encoding="utf-8", closefd=False) as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError) as error:
        raise HubError(f"the password cannot be read from file descriptor {fd}", fix=f"open it for the command: {fd}< FILE") from error


def _filled(text: str) -> str:
    password = text.removesuffix("\n").removesuffix("\r")
    if not password:
        raise HubError("the password is empty", fix="give a password of at least one character")
    return password

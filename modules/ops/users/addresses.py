"""The e-mail addresses somebody wants to invite: from the command line or standard input, all checked before any call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TextIO

from modules.common.errors import HubError

#: What stands for standard input where an address would.
STDIN = "-"
#: Plain addresses alone: the address becomes the hub's user name, so quoted and non-ASCII forms only make trouble.
_ADDRESS = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._%+'-]{0,62}[A-Za-z0-9_+-])?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
#: Cognito's Username, https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html
_LONGEST = 128


def read_addresses(given: Sequence[str], stdin: TextIO) -> tuple[str, ...]:
    """The addresses in small letters, each once, in the order given; "-" stands for one a line on `stdin`.

    Raises HubError that names all that are none, and when there is none at all.
    """
    wanted: list[str] = []
    for each in given:
        wanted += _lines(stdin) if each == STDIN else [each]
    bad = [each for each in wanted if not is_address(each)]
    if bad:
        words = "is no e-mail address" if len(bad) == 1 else "are no e-mail addresses"
        raise HubError(
            f"{', '.join(map(_quoted, bad))} {words}. Nobody was invited", fix="write them as ada@example.org, one a line on standard input"
        )
    if not wanted:
        raise HubError("there is no e-mail address to invite", fix="name them, or pipe one a line and say -")
    # Small letters: the hub's names are, and Cognito keeps the capitals of an address although it ignores them at login.
    return tuple(dict.fromkeys(each.lower() for each in wanted))


def is_address(text: str) -> bool:
    """Whether an invitation can be sent there and the text can be a user's name."""
    return len(text) <= _LONGEST and ".." not in text and _ADDRESS.fullmatch(text) is not None


def _lines(stream: Iterable[str]) -> list[str]:
    """The addresses of a list; empty lines and what follows a # are no part of it."""
    return [text for line in stream if (text := line.partition("#")[0].strip())]


def _quoted(text: str) -> str:
    return f'"{text[:60]}{"…" if len(text) > 60 else ""}"'

"""What a user asks of a cluster, checked: each refusal is one sentence that says what is possible instead."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .sizes import GIB, gib

#: Names a shell can set, https://pubs.opengroup.org/onlinepubs/9699919799/basedefs/V1_chap08.html
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")
_TAG = re.compile(r":([\w][\w.-]{0,127})$")
#: A tag that means another image tomorrow, so that workers of one cluster could differ.
_MOVING = "latest"


class Refusal(ValueError):
    """What a user is told."""


def image(name: str) -> str:
    """`name`, when it says exactly which image. Raises Refusal."""
    if not name or any(letter.isspace() for letter in name):
        raise Refusal(
            f"image {name!r} is not the name of an image. Write it as registry/name:tag, such as quay.io/jupyter/base-notebook:2026-10-05."
        )
    if "@" in name:
        if not _DIGEST.search(name):
            raise Refusal(f"image {name!r} has a digest that is not one. Write @sha256: and 64 hexadecimal digits, or a tag.")
        return name
    tag = _TAG.search(name.rpartition("/")[2])
    if tag is None:
        raise Refusal(f"image {name!r} has no tag. Add one, as in {name.rstrip(':')}:2026-10-05, so that all workers run the same.")
    if tag[1] == _MOVING:
        raise Refusal(f"image {name!r} may be another one tomorrow. Name a fixed tag instead of latest, so that all workers run the same.")
    return name


def cores(asked: object, least: int, most: int) -> int:
    """Cores of one worker. Raises Refusal."""
    if isinstance(asked, bool) or not isinstance(asked, int) or not least <= asked <= most:
        raise Refusal(f"worker_cores is {asked!r}; a worker has {_span(least, most, 'core')}. Ask for more workers instead of larger ones.")
    return asked


def memory(asked: object, least: int, most: int) -> float:
    """Memory of one worker in GiB; least and most in bytes. Raises Refusal."""
    number = float(asked) if isinstance(asked, (int, float)) and not isinstance(asked, bool) else None
    if number is None or not least <= number * GIB <= most:
        span = f"{gib(least)} to {gib(most)}" if least != most else gib(least)
        raise Refusal(f"worker_memory is {asked!r}; a worker has {span} GiB. Ask for more workers instead of larger ones.")
    return number


def environment(asked: object) -> dict[str, str]:
    """Variables of schedulers and workers. Raises Refusal."""
    if not isinstance(asked, Mapping):
        raise Refusal('environment is not a mapping. Write it as {"NAME": "value"}.')
    for name, value in asked.items():
        if not isinstance(name, str) or not _VARIABLE.fullmatch(name):
            raise Refusal(f"environment has {name!r}, which is no name of a variable. Use letters, digits and underscores.")
        if not isinstance(value, str):
            # Never the value itself: it may be somebody's password.
            raise Refusal(f"environment has a value for {name} that is not text. Put it in quotes.")
    return dict(asked)


def kind(asked: object, known: Mapping[str, object]) -> str:
    """The choice of worker. Raises Refusal."""
    if not isinstance(asked, str) or asked not in known:
        raise Refusal(f"profile is {asked!r}; there is {' and '.join(known)}. Choose one of them.")
    return asked


def _span(least: int, most: int, noun: str) -> str:
    return f"{least} to {most} {noun}s" if least != most else f"{least} {noun}{'s' if least > 1 else ''}"

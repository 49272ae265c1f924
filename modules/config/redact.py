"""What a secret looks like, so that none is accepted in a file or repeated in a message."""

from __future__ import annotations

import re

#: What stands in a message where a secret-shaped value was.
HIDDEN = "(hidden: it looks like a secret)"

_SHAPES: dict[str, re.Pattern[str]] = {
    "an AWS access key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "an AWS secret key": re.compile(
        r"(?<![A-Za-z0-9/+=.:-])(?=[A-Za-z0-9/+]*[a-z])(?=[A-Za-z0-9/+]*[A-Z])(?=[A-Za-z0-9/+]*\d)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=.:-])"
    ),
    "a GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----|[\s\S]*)"),
    "a Slack token": re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    "a Vault token": re.compile(r"\bhv[sbr]\.[A-Za-z0-9_-]{20,}"),
    "a signed web token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*"),
    "an OAuth client secret": re.compile(r"(?<![0-9a-f:@-])(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{40}(?![0-9a-f])"),
    "a password inside a URL": re.compile(r"(?<=://)[^/\s:@]+:[^/\s:@]+(?=@)"),
}


def secret_shape(text: str) -> str | None:
    """What kind of secret `text` holds ("a GitHub token"), or None."""
    return next((kind for kind, shape in _SHAPES.items() if shape.search(text)), None)


def redact(text: str) -> str:
    """`text` with every secret-shaped part replaced."""
    for shape in _SHAPES.values():
        text = shape.sub(HIDDEN, text)
    return text

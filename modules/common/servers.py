"""The pods of people's servers: how the hub's chart labels them, and their names, by which Vault tells people apart (modules/ops/vault)."""

from __future__ import annotations

import hashlib
import re

from modules.common.names import digest

#: As the jupyterhub chart labels them.
LABELS = {"app": "jupyterhub", "component": "singleuser-server"}
#: Where Vault lets pods in by a token of the cluster that says which pod they are (auth/<this>), and what the token is made for.
LOGIN, AUDIENCE = "hub", "vault"
_PREFIX = "jupyter-"
#: A name that KubeSpawner takes as it is; all others are stripped and carry a digest.
_PLAIN = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
#: KubeSpawner 7: the room for a user's name, and for the digest behind it.
_LONGEST, _DIGEST = 48, 8
#: What stands between the names of user and server.
_JOINT = "--"


def pod_name(user: str) -> str:
    """The pod of a user's own server (not of a named one), as KubeSpawner's template `jupyter-{user_server}` makes it.

    user: the name in the hub. Tests compare it with KubeSpawner's own answers.
    """
    slug = user if _is_plain(user) else f"{_stripped(user, _LONGEST - _DIGEST - 3)}---{digest(user, _DIGEST)}"
    if len(slug) + len(_JOINT) > _LONGEST:
        # No room for a server's name: KubeSpawner names both at once, here with an empty one.
        half = (_LONGEST - _DIGEST - 1) // 2 - len(_JOINT)
        slug = f"{_stripped(user, half)}{_JOINT}x---{_digest_of_two(user)}"
    return f"{_PREFIX}{slug}"


def _is_plain(user: str) -> bool:
    return _JOINT not in user and len(user) <= _LONGEST and _PLAIN.fullmatch(user) is not None


def _stripped(user: str, room: int) -> str:
    found = re.sub(r"[^a-z0-9]+", "-", user.lower()).lstrip("-")[:room].rstrip("-")
    if found and not found[0].isalpha():
        found = f"x-{found[: room - 2]}"
    return found or "x"


def _digest_of_two(user: str) -> str:
    return hashlib.sha256(user.encode() + b"\xff").hexdigest()[:_DIGEST]

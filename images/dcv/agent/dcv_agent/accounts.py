"""The desktop's user in the container."""

from __future__ import annotations

from dcv_agent.commands import run
from dcv_agent.errors import Trouble
from dcv_agent.vault import Credentials

_UID = "1000"  # the seed's: homes on shared volumes belong to it


def ensure(user: str) -> None:
    """Makes the user unless it is there; Trouble when it cannot be made, or has another number."""
    found = run("getent", "passwd", user)
    if found.code == 0:
        if found.output.split(":")[2:3] != [_UID]:
            raise Trouble(f"the user of the credentials is one of the image's own; only number {_UID} may be a desktop's user")
        return
    made = run("useradd", "--create-home", "--uid", _UID, "--shell", "/bin/bash", user)
    if made.code:
        raise Trouble(f"useradd of the desktop's user with number {_UID} failed (exit {made.code}: {made.complaint or 'no words'})")


def set_password(credentials: Credentials) -> None:
    """Sets the password, which goes through standard input: arguments are readable for every process."""
    done = run("chpasswd", stdin=f"{credentials.user}:{credentials.password}\n")
    if done.code:
        # Its words are not repeated: a password checker may quote what it refuses.
        raise Trouble(f"chpasswd refused the password (exit {done.code})")

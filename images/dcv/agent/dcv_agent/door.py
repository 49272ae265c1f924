"""What application pods of this node use: the X socket under a number that never changes, and the cookie."""

from __future__ import annotations

import socket
from pathlib import Path

from dcv_agent.dcv import Session
from dcv_agent.errors import Trouble
from dcv_agent.files import read_small, write_whole
from dcv_agent.xauthority import shared

_DOOR = "X0"


def check_socket(sockets: Path, session: Session) -> None:
    """Trouble when the session's X socket is not there: an entry would point at a display nobody can open."""
    if not (sockets / f"X{session.number}").is_socket():
        raise Trouble(f"session {session.name} says display {session.display}, but {sockets}/X{session.number} is not a socket")


def share_cookie(auth: Path, session: Session) -> None:
    """Keeps `<auth>/<session>.xauth` equal to the session's cookie, readable for the pods' users."""
    try:
        content = shared(read_small(Path(session.authority)), session.number)
    except OSError as problem:
        raise Trouble(f"cannot read the session's X authority {session.authority or '(none)'}: {problem.strerror}") from problem
    target = auth / f"{session.name}.xauth"
    if not target.is_file() or target.read_bytes() != content:
        write_whole(target, content)


def keep_door(sockets: Path, session: Session) -> str:
    """Keeps X0 leading to the session's socket, so that DISPLAY=:0 is right in every application pod of the node.

    Returns a warning when another X server holds number 0, else an empty string.
    """
    door, target = sockets / _DOOR, f"X{session.number}"
    if session.number == 0:
        return ""
    if door.is_symlink():
        if str(door.readlink()) == target:
            return ""
        door.unlink()
    elif door.exists():
        if _answers(door):
            return f"display :0 belongs to another X server, so application pods must use {session.display}"
        door.unlink()
    # Relative: the folder has another path in every pod.
    door.symlink_to(target)
    return ""


def close_door(sockets: Path) -> None:
    """Takes the link away when the session is gone: a link to nowhere would look like a display."""
    if (sockets / _DOOR).is_symlink():
        (sockets / _DOOR).unlink()


def _answers(path: Path) -> bool:
    """Does a server listen there? A socket file outlives the server of an earlier pod."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True

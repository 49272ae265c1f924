"""Files of a store: private, whole or not there, and written by one process at a time."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Files on their way. What starts so and lies there while the lock is ours belongs to a process that was killed.
_UNFINISHED = ".new-"
_LOCK = ".lock"
_OWNER_ONLY = 0o600


def write_new(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, whatever the umask says, and wait until the disk has it.

    Raises FileExistsError when the file is there.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), _OWNER_ONLY)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace(path: Path, data: bytes) -> None:
    """Write `path` so that whoever reads it, also after a crash, finds the old or the new contents whole."""
    unfinished = path.with_name(f"{_UNFINISHED}{secrets.token_hex(8)}")
    try:
        write_new(unfinished, data)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    settle(path.parent)


def settle(folder: Path) -> None:
    """Wait until the disk has the names in `folder`; without it a crash may undo a rename that was reported as done."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else of ours writes below `folder` meanwhile; leftovers of killed writers are removed.

    The lock is a file of its own: network file systems lock only what is open for writing, which a folder never is.
    """
    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _OWNER_ONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for left in folder.glob(f"{_UNFINISHED}*"):
            left.unlink(missing_ok=True)
        yield
    finally:
        os.close(handle)

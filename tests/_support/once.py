"""What tests fetch once and keep: one process fetches, the others wait for it."""

from __future__ import annotations

import fcntl
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path


def once(folder: Path, packages: tuple[str, ...], install: Callable[[], None]) -> None:
    """Run `install`, which fills `folder`, unless the very same packages are there; one process at a time.

    What an `install` that was killed left has no stamp, and the next one starts anew: it clears `folder` first.
    """
    stamp = folder / ".installed"
    wanted = hashlib.sha256(repr((packages, sys.version_info[:2])).encode()).hexdigest()
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        install()
        stamp.write_text(wanted)

"""Facts in files: written whole or not at all, so that a probe never reads half a sentence."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from dcv_agent.errors import Trouble


def write_whole(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replaces `path` in one step, with this mode from its first moment; Trouble when the folder refuses."""
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        with os.fdopen(handle, "wb") as stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(content)
        draft.replace(path)
    except OSError as problem:
        raise Trouble(f"cannot write {path}: {problem.strerror}", code=str(problem.errno)) from problem


def read_small(path: Path, limit: int = 65536) -> bytes:
    """The content of a file in a folder that the desktop's user owns; OSError when it is none, or is no plain file, or too long.

    The agent is root: a link must not lead it to another file, and a pipe or a device must not hold it for ever.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > limit:
            raise OSError(errno.EINVAL, f"not a plain file of at most {limit} bytes")
        return os.read(handle, limit)
    finally:
        os.close(handle)


class Facts:
    """The folder the health check reads: `ready` (the display) or `not-ready` (one sentence), and what the two commands tell each other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o755)

    def ready(self, display: str) -> None:
        """The display is published: both files of a display first, then the sentence goes."""
        self._put("display", display)
        self._put("ready", display)
        self._drop("not-ready")

    def not_ready(self, sentence: str) -> None:
        """`ready` goes first: a probe between the two steps must not see a ready desktop."""
        self._drop("ready")
        self._put("not-ready", sentence)

    @property
    def session_trouble(self) -> str:
        """Why the session is not there, as the `session` command said it; empty when it said nothing."""
        return self._get("session-trouble")

    @session_trouble.setter
    def session_trouble(self, sentence: str) -> None:
        if sentence:
            self._put("session-trouble", sentence)
        else:
            self._drop("session-trouble")

    @property
    def credentials_version(self) -> str:
        """The version of the secret whose password the user has; empty when none was set."""
        return self._get("credentials-version")

    @credentials_version.setter
    def credentials_version(self, version: str) -> None:
        self._put("credentials-version", version)

    def _put(self, name: str, text: str) -> None:
        if self._get(name) != text:
            write_whole(self._folder / name, f"{text}\n".encode())

    def _get(self, name: str) -> str:
        try:
            return (self._folder / name).read_text().rstrip("\n")
        except FileNotFoundError:
            return ""

    def _drop(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)

"""The Terraform processes of a run: started so that a Ctrl-C reaches them once, from us, and they can save their state."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

#: How often a log is looked at for new lines.
_POLL_SECONDS = 0.05


class Children:
    """All processes started through it. interrupted: somebody asked to stop; no new process starts after that."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self.interrupted = False

    def interrupt(self) -> int:
        """Ask every process to stop and save, once; gives how many are left to wait for.

        Terraform takes a second interrupt as leave to drop its state, so there never is one.
        """
        with self._lock:
            first = not self.interrupted
            self.interrupted = True
            if first:
                for process in self._running:
                    process.send_signal(signal.SIGINT)
            return len(self._running)

    def follow(self, argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path, on_line: Callable[[str], None]) -> int | None:
        """Run a program with its output in `log`, giving each line to `on_line`; its exit code, None if it was not started.

        The output goes to the file and not through a pipe: should this process be killed, Terraform goes on and saves.
        """
        with log.open("ab") as output:
            at = output.tell()
            with self._lock:
                if self.interrupted:
                    return None
                # A session of its own keeps the terminal's Ctrl-C and hang-up away; plans and states are for the owner.
                process = subprocess.Popen(
                    list(argv),
                    cwd=cwd,
                    env=dict(env),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                    umask=0o077,
                )
                self._running.add(process)
        try:
            _tail(process, log, at, on_line)
        finally:
            with self._lock:
                self._running.discard(process)
        return process.returncode


def _tail(process: subprocess.Popen[bytes], log: Path, at: int, on_line: Callable[[str], None]) -> None:
    rest = b""
    with log.open("rb") as file:
        file.seek(at, os.SEEK_SET)
        while True:
            ended = process.poll() is not None
            rest += file.read()
            *lines, rest = rest.split(b"\n")
            for line in lines:
                on_line(line.decode("utf-8", errors="replace"))
            if ended:
                break
            time.sleep(_POLL_SECONDS)
    if rest:
        on_line(rest.decode("utf-8", errors="replace"))

"""The emulator's process seen from outside: found by its ready file, believed only by its token, started once."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.common.errors import HubError

#: Long enough for a lunch between two commands; what is lost with the process is only ever a rehearsal.
IDLE_SECONDS = 4 * 60 * 60
#: A start takes well under a second; on a machine that is busy building images it has taken ten.
START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_ASK_SECONDS = 5.0
_CODE = Path(__file__).resolve().parents[2]
# A proxy of the caller's could not reach the loopback interface of this machine.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Found:
    """A process that answered with the token its ready file names."""

    pid: int
    port: int
    plugin_port: int
    started: float

    @property
    def url(self) -> str:
        """Where it answers. An address, not a name: with a name the SDKs would put bucket names before it."""
        return f"http://127.0.0.1:{self.port}"


def find(folder: Path) -> Found | None:
    """The process whose ready file lies in `folder`; None when there is no file, or whoever has the port is not it."""
    try:
        ready = json.loads((folder / "emulator.json").read_text())
        pid, port, plugin_port = int(ready["pid"]), int(ready["port"]), int(ready["plugin_port"])
        started, token = float(ready["started"]), ready["token"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    found = Found(pid, port, plugin_port, started)
    try:
        health = ask(found, "health")
    except HubError:
        return None
    return found if isinstance(health, dict) and (health.get("token"), health.get("pid")) == (token, pid) else None


def ask(found: Found, endpoint: str) -> Any:
    """The emulator's own answer to /hubsmith/<endpoint>. Raises HubError when it gives none."""
    try:
        with _OPENER.open(f"{found.url}/hubsmith/{endpoint}", timeout=_ASK_SECONDS) as answer:
            return json.load(answer)
    except (OSError, ValueError, urllib.error.URLError) as error:
        raise HubError(
            f"The emulator at {found.url} does not answer: {error}", fix="Run the command again; it starts a new one."
        ) from error


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that of two that start at once one starts and the other finds."""
    for part in (*reversed(folder.parents[:2]), folder):
        # One by one: with `parents=True` only the last would get the mode.
        part.mkdir(exist_ok=True, mode=0o700)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def launch(folder: Path) -> Found:
    """Start a process that outlives this one and wait for it. Raises HubError, with the end of its log, when it does not come up."""
    ready, log = folder / "emulator.json", folder / "emulator.log"
    ready.unlink(missing_ok=True)
    log.unlink(missing_ok=True)
    command = [sys.executable, "-m", "modules.rehearsal.emulator", "--port", "0", "--ready-file", str(ready), "--log", str(log)]
    command += ["--idle-seconds", str(IDLE_SECONDS), "--token", secrets.token_hex(16)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    process = subprocess.Popen(
        command,
        cwd=_CODE,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Its own session: Ctrl-C at the terminal is for Terraform, not for the account Terraform works on.
        start_new_session=True,
    )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := find(folder):
            return found
        time.sleep(0.02)
    if process.poll() is None:
        process.kill()
    tail = "\n".join(log.read_text().splitlines()[-5:]) if log.exists() else "it wrote no log"
    raise HubError(f"The emulator did not start: {tail}", where=str(log), fix="Run ./install.sh again; if it stays, reinstall .venv.")


def end(folder: Path, found: Found) -> None:
    """Stop a process that `find` has vouched for, and remove its ready file."""
    os.kill(found.pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while find(folder) is not None:
        if time.monotonic() > deadline:
            os.kill(found.pid, signal.SIGKILL)
            break
        time.sleep(0.02)
    (folder / "emulator.json").unlink(missing_ok=True)

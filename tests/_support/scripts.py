"""A bench for the desktop image's scripts: fake commands on PATH, folders of their own, and a note of every call."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

#: A fake notes its name and arguments, then does what its test says.
_FAKE = '#!/bin/bash\nprintf "%s %s\\n" "${{0##*/}}" "$*" >>"$CALLS"\n{body}\n'


@dataclass
class Bench:
    """One script's surroundings; `folder` stands in for the container's file system."""

    scripts: Path
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    _started: list[subprocess.Popen[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("bin", "run", "sockets"):
            (self.folder / name).mkdir()
        self.environ |= {
            "PATH": f"{self.folder / 'bin'}:/usr/sbin:/usr/bin:/bin",
            "CALLS": str(self.folder / "calls"),
            "DCV_AGENT_RUN": str(self.run_dir),
            "DCV_AGENT_SOCKETS": str(self.sockets),
        }

    @property
    def run_dir(self) -> Path:
        """/run/desktop of the container."""
        return self.folder / "run"

    @property
    def sockets(self) -> Path:
        """/tmp/.X11-unix of the container."""
        return self.folder / "sockets"

    def fake(self, name: str, body: str = "") -> None:
        """Puts a bash command on PATH."""
        path = self.folder / "bin" / name
        path.write_text(_FAKE.format(body=body))
        path.chmod(0o755)

    def file(self, name: str, text: str = "") -> Path:
        """A file below the folder, with its parents."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a script to its end; what it leaves behind is ended at the end of the test."""
        started = self.start(script, *arguments)
        out, _ = started.communicate(timeout=20)
        return subprocess.CompletedProcess([script, *arguments], started.returncode, out, "")

    def start(self, script: str, *arguments: str) -> subprocess.Popen[str]:
        """Starts a script in a session of its own, stderr with stdout."""
        started = subprocess.Popen(
            [str(self.scripts / script), *arguments],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._started.append(started)
        return started

    def calls(self, name: str = "") -> list[str]:
        """What the fakes were asked, in order."""
        path = self.folder / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line for line in lines if not name or line.split()[0] == name]

    def end(self) -> None:
        """Ends every script with all that it started."""
        for started in self._started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)
            if started.stdout:
                started.stdout.close()
            started.wait()

"""A copy of the repository in a folder of its own: what a stranger has after a clone, without touching this one's runs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 900


@dataclass
class Checkout:
    """root: the copy. environment: added to every command's."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, root: Path, **environment: str) -> Checkout:
        """Copy every file git knows or would add."""
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        for name in filter(None, listed.split("\0")):
            source, target = ROOT / name, root / name
            if source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        return cls(root, dict(environment))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """`hub <arguments>` in a process group of its own, so that a test can signal it as a terminal would.

        A suite that a shell started in the background ignores Ctrl-C, and so would all that it starts.
        """
        return subprocess.Popen(
            ["env", "--default-signal=INT", sys.executable, "-m", "modules.ops", *arguments],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root), **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def hub(self, *arguments: str) -> Done:
        """Run `hub <arguments>` to its end."""
        started = time.monotonic()
        process = self.start(*arguments)
        try:
            out, err = process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            raise AssertionError(f"hub {' '.join(arguments)} did not end within {_PATIENCE} s\n{out[-3000:]}\n{err[-3000:]}") from None
        return Done(process.returncode, out, err, time.monotonic() - started)


@dataclass(frozen=True)
class Done:
    """What one command said."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def json(self) -> dict[str, Any]:
        """The object on the last line of standard output."""
        last: dict[str, Any] = json.loads(self.out.strip().splitlines()[-1])
        return last

    @property
    def said(self) -> str:
        """Both streams, for the message of a failed assertion."""
        return f"exit {self.code} after {self.seconds:.0f} s\n{self.out[-4000:]}\n{self.err[-4000:]}"

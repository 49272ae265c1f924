"""A user's notebook: Python with the environment of the pod that the hub asked for, and nothing else of ours."""

from __future__ import annotations

import json
import os
import select
import subprocess
from pathlib import Path
from typing import Any

from tests.hub.support import installs

_CELL_SECONDS = 20


class CellError(Exception):
    """A cell failed; the text is the exception's class and message, as a user reads them."""


class Notebook:
    """One running notebook. environment: the pod's variables, whose addresses are of this machine by now."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = environment
        self._log_path = folder / "notebook.log"
        python = installs.dask()
        given = {**environment, "PATH": f"{python.parent}:{os.environ['PATH']}", "HOME": str(folder), "TMPDIR": str(folder)}
        with self._log_path.open("w") as log:
            self._process = subprocess.Popen(
                [str(python), str(Path(__file__).with_name("kernel.py"))],
                cwd=folder,
                env=given,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def run(self, cell: str) -> Any:
        """What the cell leaves in `result`. Raises CellError, or AssertionError when there is no answer in time."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(cell) + "\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], _CELL_SECONDS)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            raise AssertionError(f"no answer to {cell!r} within {_CELL_SECONDS} s:\n{self._log_path.read_text()[-3000:]}")
        answer = json.loads(line)
        if answer["error"]:
            raise CellError(answer["error"])
        return answer["result"]

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


def pod_environment(pod: dict[str, Any]) -> dict[str, str]:
    """The variables of a user's pod; those that the cluster would fill in are left out."""
    (container,) = pod["spec"]["containers"]
    return {each["name"]: each["value"] for each in container["env"] if "value" in each}

"""Gives the pods of a test's hub a real process: jupyterhub-singleuser, with the pod's own environment."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

from tests.hub.support import installs
from tests.hub.support.hub import RunningHub

_LOOK_SECONDS = 0.1


class Kubelet:
    """Starts a process for the one pod there is, at the port where the hub looks for all of them, and ends it with the pod."""

    def __init__(self, hub: RunningHub, folder: Path) -> None:
        self._hub, self._folder, self._python = hub, folder, installs.notebook()
        self.started: list[str] = []
        self._ended = threading.Event()
        # The page that stands in for every server has that port.
        hub.server.close()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the process, if one runs."""
        self._ended.set()
        self._thread.join(20)

    def _run(self) -> None:
        process: subprocess.Popen[bytes] | None = None
        while not self._ended.wait(_LOOK_SECONDS):
            pods = self._hub.cluster.pods()
            if pods and process is None:
                process = self._start(pods[0])
            elif not pods and process is not None:
                _end(process)
                process = None
        if process is not None:
            _end(process)

    def _start(self, pod: dict[str, object]) -> subprocess.Popen[bytes]:
        container = pod["spec"]["containers"][0]  # type: ignore[index]
        self.started.append(pod["metadata"]["name"])  # type: ignore[index]
        home = self._folder / "home"
        home.mkdir(exist_ok=True)
        given = {each["name"]: each["value"] for each in container["env"] if "value" in each}
        environment = {**given, "HOME": str(home), "PATH": f"{self._python.parent}:{os.environ['PATH']}"}
        # The tests may run as root, which the server would refuse; in a pod it never does.
        options = ["--ip=127.0.0.1", f"--port={self._hub.server.port}", "--allow-root"]
        command = [str(self._python.parent / "jupyterhub-singleuser"), *options]
        with (self._folder / "server.log").open("ab") as log:
            return subprocess.Popen(command, cwd=home, env=environment, stdout=log, stderr=log)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

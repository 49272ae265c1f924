"""Starts one real dask-gateway-server with its own proxy, which stands in for traefik."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.dask.support import chart
from tests.hub.support import installs
from tests.hub.support.hub import loopback_ports

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_START_SECONDS = 60


@dataclass(frozen=True)
class Ports:
    """Free loopback ports: of the server's API, and of the proxy for everybody else."""

    api: int
    proxy: int


def free_ports() -> Ports:
    """Two ports nobody listens on."""
    return Ports(*loopback_ports(2))


class RunningGateway:
    """A gateway whose schedulers and workers are processes of this machine."""

    def __init__(self, folder: Path, ports: Ports, values: dict[str, Any], secrets: dict[tuple[str, str], str]) -> None:
        """secrets: values by the name of a Secret and its key. Raises KeyError for one that the values name and nobody has."""
        self.folder, self.ports = folder, ports
        self.log_path = folder / "gateway.log"
        self._server = chart.translate(values)
        self.address = f"http://127.0.0.1:{ports.proxy}{self._server.prefix}"
        folder.mkdir(parents=True, exist_ok=True)
        self._write()
        self._process = self._start(secrets[self._server.token])

    @property
    def log(self) -> str:
        """All the gateway has said."""
        return self.log_path.read_text()

    def wait(self) -> None:
        """Until it answers through its proxy. Raises AssertionError with the end of the log."""
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the gateway did not start:\n{self.log[-3000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End it; it ends its clusters."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        try:
            with _OPENER.open(f"{self.address}/api/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _write(self) -> None:
        """What the chart's ConfigMap holds, and where things are here."""
        server, api = self._server, f"127.0.0.1:{self.ports.api}"
        server.traits["DaskGateway"] = {"address": api}
        server.traits["Proxy"] = {"address": f"127.0.0.1:{self.ports.proxy}", "prefix": server.prefix}
        # As in the chart, clusters talk to the server itself.
        server.traits["DBBackendBase"] = {"api_url": f"http://{api}/api"}
        (self.folder / "gateway.json").write_text(json.dumps({"traits": server.traits, "snippets": server.snippets}))
        shutil.copy(Path(__file__).with_name("gateway_config.py"), self.folder / "dask_gateway_config.py")

    def _start(self, token: str) -> subprocess.Popen[bytes]:
        python = installs.dask()
        environment = {
            "PATH": f"{python.parent}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "JUPYTERHUB_API_TOKEN": token,
        }
        with self.log_path.open("w") as log:
            command = [str(python), "-m", "dask_gateway_server", "--config", "dask_gateway_config.py"]
            return subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)

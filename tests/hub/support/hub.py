"""Starts one real hub: the proxy and JupyterHub with the configuration that a release would carry."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.hub.support import chart, installs
from tests.hub.support.kubernetes import Kubernetes, Server

_CODE = Path(__file__).resolve().parents[3] / "modules" / "hub"
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_START_SECONDS = 90


@dataclass(frozen=True)
class Ports:
    """Free loopback ports of one hub."""

    public: int
    api: int
    hub: int

    @property
    def url(self) -> str:
        """Where browsers go."""
        return f"http://127.0.0.1:{self.public}"


def free_ports() -> Ports:
    """Three ports nobody listens on."""
    return Ports(*loopback_ports(3))


def loopback_ports(count: int) -> list[int]:
    """Ports nobody listens on. Below those that Linux hands out: a connection of another test took one before its server came.

    And above 23000 to 24000, where Ray starts a server for each client without being asked.
    """
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(24_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as each:
            each.bind(("127.0.0.1", port))
            found = [*found, port] if port not in found else found
    return found


class RunningHub:
    """A hub, its proxy, and the cluster it believes in."""

    def __init__(
        self, folder: Path, ports: Ports, versions: str, values: dict[str, Any], secrets: dict[str, str], **environment: str
    ) -> None:
        self.folder, self.ports, self.url = folder, ports, ports.url
        self.cluster, self.server = Kubernetes(), Server()
        self.log_path = folder / "hub.log"
        self._python = installs.python(versions)
        self._token = os.urandom(16).hex()
        hub = chart.translate(values)
        #: Those that the chart would keep in its Secret, by service.
        self.tokens = {each["name"]: each["api_token"] for each in hub.traits["JupyterHub"]["services"]}
        self._write(hub)
        self._given = {**_environment(hub, secrets), **environment, **self._basics(hub)}
        self._processes = [self._start_proxy(), self._start_hub()]

    @property
    def log(self) -> str:
        """All the hub has said."""
        return self.log_path.read_text()

    def wait(self) -> None:
        """Until it answers. Raises AssertionError with the end of the log."""
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._processes[1].poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the hub did not start:\n{self.log[-3000:]}")
            time.sleep(0.1)

    def end_hub(self) -> None:
        """End the hub alone; its proxy goes on."""
        self._processes[1].terminate()
        self._processes[1].wait(_START_SECONDS)

    def restart(self) -> None:
        """End the hub alone and start it again, as a new pod with the same disk and Secret."""
        self.end_hub()
        self._processes[1] = self._start_hub()
        self.wait()

    def ended(self) -> int:
        """The exit code of a hub that refuses to start."""
        return self._processes[1].wait(_START_SECONDS)

    def stop(self) -> None:
        """End both processes and the cluster."""
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.cluster.close()
        self.server.close()

    def _answers(self) -> bool:
        try:
            with _OPENER.open(f"{self.url}/hub/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _write(self, hub: chart.Hub) -> None:
        """What the chart's ConfigMaps and Service addresses would give the hub, and where its pods' servers are."""
        ports, traits = self.ports, hub.traits
        here = f"http://127.0.0.1:{ports.hub}"
        traits["JupyterHub"] |= {"bind_url": ports.url, "hub_bind_url": here, "hub_connect_url": here}
        traits["ConfigurableHTTPProxy"] = {"should_start": False, "api_url": f"http://127.0.0.1:{ports.api}"}
        traits["KubeSpawner"] |= {"namespace": "hub", "port": self.server.port}
        if hub.culler:
            command = ["python3", "-m", "jupyterhub_idle_culler", f"--url={here}/hub/api", *hub.culler]
            traits["JupyterHub"]["services"].append({"name": "jupyterhub-idle-culler", "command": command})
        text = {"traits": traits, "snippets": hub.snippets, "custom": hub.custom}
        (self.folder / "hub.json").write_text(json.dumps(text))
        shutil.copy(Path(__file__).with_name("hub_config.py"), self.folder / "jupyterhub_config.py")
        cluster = {"name": "test", "cluster": {"server": self.cluster.url}}
        context = {"name": "test", "context": {"cluster": "test", "user": "test"}}
        (self.folder / "kubeconfig").write_text(
            json.dumps({"clusters": [cluster], "contexts": [context], "current-context": "test", "users": [{"name": "test", "user": {}}]})
        )

    def _basics(self, hub: chart.Hub) -> dict[str, str]:
        """Paths of this machine instead of the pod's. The code is mounted where the values say it is."""
        (mount,) = hub.mounts
        folder, package = os.path.split(mount["mountPath"])
        if folder != hub.environment.get("PYTHONPATH"):
            raise AssertionError(f"the hub's code is mounted at {mount['mountPath']}, and PYTHONPATH is elsewhere")
        shutil.copytree(_CODE, self.folder / "lib" / package, ignore=shutil.ignore_patterns("__pycache__"))
        return {
            "PATH": f"{self._python.parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(self.folder / "lib"),
            "KUBECONFIG": str(self.folder / "kubeconfig"),
            "CONFIGPROXY_AUTH_TOKEN": self._token,
            "HOME": str(self.folder),
        }

    def _start_proxy(self) -> subprocess.Popen[bytes]:
        ports = self.ports
        listen = [f"--ip=127.0.0.1 --port={ports.public} --api-ip=127.0.0.1 --api-port={ports.api}"]
        targets = [f"--default-target=http://127.0.0.1:{ports.hub} --error-target=http://127.0.0.1:{ports.hub}/hub/error"]
        command = [*installs.proxy(), *" ".join(listen + targets).split()]
        with (self.folder / "proxy.log").open("w") as log:
            return subprocess.Popen(command, env={**os.environ, "CONFIGPROXY_AUTH_TOKEN": self._token}, stdout=log, stderr=log)

    def _start_hub(self) -> subprocess.Popen[bytes]:
        with self.log_path.open("a") as log:
            command = [str(self._python), "-m", "jupyterhub", "-f", "jupyterhub_config.py"]
            return subprocess.Popen(command, cwd=self.folder, env=self._given, stdout=log, stderr=log)


def _environment(hub: chart.Hub, secrets: dict[str, str]) -> dict[str, str]:
    """hub.extraEnv with the Secret's values. Raises KeyError for a key the Secret lacks."""
    found = {}
    for name, value in hub.environment.items():
        found[name] = value if isinstance(value, str) else secrets[value["valueFrom"]["secretKeyRef"]["key"]]
    return found

"""A private emulator for tests: started, asked, stopped."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3
import pytest

from modules.ops import plugins
from modules.rehearsal.standin.mirror import PORT_VARIABLE, write_mirror

_REGISTRY, _AWS = "registry.terraform.io", "hashicorp/aws"
ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = "123456789012"
_PATIENCE = 30.0


class Emulator:
    """`with Emulator() as emulator:` runs one; its log is printed when it does not come up."""

    def __init__(self, region: str = "eu-west-1") -> None:
        self.region = region
        self.url, self.plugin_port = "", 0
        self._folder = tempfile.TemporaryDirectory(prefix="hubsmith-emulator-")
        self._process: subprocess.Popen[bytes] | None = None
        self._sessions: dict[str, boto3.Session] = {}

    def __enter__(self) -> Emulator:
        ready, log = Path(self._folder.name) / "ready.json", Path(self._folder.name) / "log"
        command = [sys.executable, "-m", "modules.rehearsal.emulator", "--ready-file", str(ready), "--log", str(log)]
        self._process = subprocess.Popen([*command, "--idle-seconds", "1800", "--token", secrets.token_hex(8)], cwd=ROOT)
        deadline = time.monotonic() + _PATIENCE
        while not ready.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the emulator did not start:\n{log.read_text() if log.exists() else ''}")
            time.sleep(0.02)
        found = json.loads(ready.read_text())
        self.url, self.plugin_port = f"http://127.0.0.1:{found['port']}", found["plugin_port"]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
        self._folder.cleanup()

    @property
    def log(self) -> str:
        """What the process has written so far."""
        return (Path(self._folder.name) / "log").read_text()

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that steer boto3 and Terraform here."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_EC2_METADATA_DISABLED": "true",
            PORT_VARIABLE: str(self.plugin_port),
        }

    def mirror(self, folder: Path) -> Path:
        """A provider mirror at `folder` for HUB_PLUGIN_MIRROR: the stand-ins of this emulator, and a link to the real AWS provider.

        Without the link, where the machine has none, Terraform would look for it in this mirror alone.
        """
        write_mirror(folder, self.plugin_port)
        for tree in plugins._mirrors({**os.environ, "HUB_PLUGIN_MIRROR": ""}):
            for platform in (tree / _REGISTRY / _AWS).glob("*/*"):
                # Terraform follows a link in the last part of the path alone.
                link = folder / _REGISTRY / _AWS / platform.parent.name / platform.name
                link.parent.mkdir(parents=True, exist_ok=True)
                if not link.exists():
                    link.symlink_to(platform, target_is_directory=True)
        return folder

    def cluster(self) -> dict[str, Any]:
        """The summary of the clusters that stand-in providers wrote to."""
        answer: dict[str, Any] = self._ask("cluster")
        return answer

    def session(self, region: str | None = None) -> boto3.Session:
        """A boto3 session whose clients all talk to this emulator, whatever the environment says."""
        return loopback_session(self.url, region or self.region)

    def faults(self) -> list[dict[str, Any]]:
        """Calls that were unimplemented or answered with a 5xx."""
        answer: list[dict[str, Any]] = self._ask("faults")
        return answer

    def reset(self) -> None:
        """An empty account again."""
        self._ask("reset")

    def _ask(self, endpoint: str) -> Any:
        with urllib.request.urlopen(f"{self.url}/hubsmith/{endpoint}", timeout=10) as answer:
            return json.load(answer)


def loopback_session(url: str, region: str) -> boto3.Session:
    """A boto3 session whose clients all talk to the emulator at `url`, whatever the environment says."""
    return _LoopbackSession(url, region)


class _LoopbackSession(boto3.Session):
    def __init__(self, url: str, region: str) -> None:
        super().__init__(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=region)
        self._url = url
        self._clients: dict[str, Any] = {}

    def client(self, service_name: str, *args: Any, **kwargs: Any) -> Any:
        if args or kwargs:
            return super().client(service_name, *args, **{"endpoint_url": self._url, **kwargs})
        if service_name not in self._clients:
            self._clients[service_name] = super().client(service_name, endpoint_url=self._url)
        return self._clients[service_name]

    def resource(self, *args: Any, **kwargs: Any) -> Any:
        return super().resource(*args, **{"endpoint_url": self._url, **kwargs})


@pytest.fixture(scope="session")
def emulator_process() -> Iterator[Emulator]:
    """One emulator for the whole run (per worker)."""
    with Emulator() as running:
        yield running


@pytest.fixture
def emulator(emulator_process: Emulator) -> Emulator:
    """The shared emulator with an empty account. Use it by `from tests._support.emulator import emulator, emulator_process`
    or by `pytest_plugins = ["tests._support.emulator"]`."""
    emulator_process.reset()
    return emulator_process

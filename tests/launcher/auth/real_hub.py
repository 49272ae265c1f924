"""A real JupyterHub on 127.0.0.1 with the launcher among its services; without a proxy, because only its API is asked."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.hub.support.hub import loopback_ports
from tests.hub.support.installs import python

_START_SECONDS = 120
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
#: What a notebook's own token may do, https://jupyterhub.readthedocs.io/en/stable/rbac/roles.html, and the launcher.
_CONFIG = """
import os
from jupyterhub.proxy import Proxy

class NoProxy(Proxy):
    should_start = False
    async def add_route(self, routespec, target, data): pass
    async def delete_route(self, routespec): pass
    async def get_all_routes(self): return {}

access = "access:services!service=launcher"
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.hub_bind_url = os.environ["HUB_URL"]
c.JupyterHub.db_url = "sqlite:///" + os.environ["HUB_FOLDER"] + "/hub.sqlite"
c.JupyterHub.cookie_secret_file = os.environ["HUB_FOLDER"] + "/cookie"
c.JupyterHub.services = [
    {"name": "launcher", "url": "http://127.0.0.1:1", "api_token": os.environ["LAUNCHER_TOKEN"]},
    {"name": "setup", "api_token": os.environ["SETUP_TOKEN"]},
]
c.JupyterHub.load_roles = [
    {"name": "admin", "services": ["setup"]},
    {"name": "user", "scopes": ["self", access]},
    {"name": "server", "scopes": ["users:activity!user", "access:servers!server", access]},
]
"""


class RealHub:
    """url: its API. make_token: a token of a user's, made as the user's own page makes it."""

    def __init__(self, url: str, setup: str, launcher: str) -> None:
        self.url, self.setup, self.launcher = url, setup, launcher

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the hub's API with all rights."""
        request = urllib.request.Request(
            f"{self.url}{path}",
            json.dumps(body).encode() if body is not None else None,
            {"Authorization": f"token {self.setup}"},
            method=method,
        )
        with _OPENER.open(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def make_token(self, user: str, **rights: Any) -> tuple[str, str]:
        """The id and the text of a new token of `user`. rights: scopes or roles; none: all that the user has."""
        with contextlib.suppress(urllib.error.HTTPError):
            self.ask("POST", f"/users/{user}", {})
        made = self.ask("POST", f"/users/{user}/tokens", rights)
        return made["id"], made["token"]


@contextlib.contextmanager
def running(folder: Path, versions: str) -> Iterator[RealHub]:
    """One hub of a version set. Raises installs.Missing."""
    command, (port,) = python(versions), loopback_ports(1)
    (folder / "jupyterhub_config.py").write_text(_CONFIG)
    hub = RealHub(f"http://127.0.0.1:{port}/hub/api", secrets.token_hex(32), secrets.token_hex(32))
    environ = {
        **os.environ,
        "HUB_URL": f"http://127.0.0.1:{port}",
        "HUB_FOLDER": str(folder),
        "SETUP_TOKEN": hub.setup,
        "LAUNCHER_TOKEN": hub.launcher,
    }
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([command, "-m", "jupyterhub"], cwd=folder, env=environ, stdout=log, stderr=log)
        try:
            _wait(hub, process, folder / "log")
            yield hub
        finally:
            process.terminate()
            process.wait(60)


def _wait(hub: RealHub, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        with contextlib.suppress(OSError):
            hub.ask("GET", "/user")
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"the hub did not start:\n{log.read_text()}")
        time.sleep(0.05)

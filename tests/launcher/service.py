"""The whole service in this process, on a port of 127.0.0.1, and a client for it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx
import uvicorn

from modules.launcher.api import make_app
from modules.launcher.errors import Unauthorized
from modules.launcher.protocols import Principal, Rules
from tests.launcher.fake_kubernetes import Cluster
from tests.launcher.lab import ADA, ADMIN, BOB, OPEN, lab


@dataclass(frozen=True)
class Known:
    """An authenticator with one token a person: their name."""

    people: Mapping[str, Principal] = field(default_factory=lambda: {each.name: each for each in (ADA, BOB, ADMIN)})

    def authenticate(self, headers: Mapping[str, str]) -> Principal:
        found = self.people.get(headers.get("authorization", "").removeprefix("Bearer "))
        if found is None:
            raise Unauthorized("this token is not known")
        return found


@dataclass(frozen=True)
class Service:
    """url: of the launcher. cluster: behind it."""

    url: str
    cluster: Cluster

    def client(self, person: str = "ada", wait: float = 120) -> httpx.Client:
        """A client with the token of a person; "" for none."""
        headers = {"Authorization": f"Bearer {person}"} if person else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=wait, trust_env=False)


@contextmanager
def served(cluster: Cluster | None = None, rules: Rules = OPEN) -> Iterator[Service]:
    """The service over a stand-in cluster. Its culler does not come by itself: what the cluster is asked is counted."""
    rules = replace(rules, culling_interval=timedelta(days=1))
    with lab(cluster, rules) as (made, runtime):
        app = make_app(runtime, Known(), rules)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on", timeout_graceful_shutdown=5))
        with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
            thread.start()
            try:
                yield Service(f"http://127.0.0.1:{listening.getsockname()[1]}", made)
            finally:
                server.should_exit = True
                thread.join()

"""All clusters of one process, each found by the host its API answers at."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from modules.rehearsal.cluster import edits
from modules.rehearsal.cluster.world import World
from modules.rehearsal.standin.backend import Problem, Refused
from modules.rehearsal.verdicts.tally import Tally


@dataclass(frozen=True)
class Endpoint:
    """What is known of the EKS cluster behind a host. minor: "1.35"."""

    region: str
    minor: str


#: The EKS cluster whose API is at a host; None when there is none, or it is not ACTIVE.
Lookup = Callable[[str], Endpoint | None]


class Worlds:
    """One World a host, made when first asked for and gone with its EKS cluster."""

    def __init__(self, lookup: Lookup = lambda _host: Endpoint("us-east-2", "1.35")) -> None:
        self._lookup, self._held, self._lock = lookup, dict[str, World](), threading.RLock()

    def at(self, address: str) -> World:
        """The World behind a URL or host. Raises Refused, as a dial would fail, when no cluster answers there."""
        host = urlsplit(address).hostname or address
        with self._lock:
            endpoint = self._lookup(host)
            if endpoint is None:
                self._held.pop(host, None)
                detail = f'Get "https://{host}/api/v1": dial tcp: lookup {host}: no such host'
                raise Refused(Problem("Kubernetes cluster unreachable", detail))
            world = self._held.setdefault(host, World(endpoint.region, endpoint.minor))
            world.minor = endpoint.minor
            return world

    def living(self) -> dict[str, World]:
        """Worlds by host, without those whose EKS cluster is gone."""
        with self._lock:
            self._held = {host: world for host, world in self._held.items() if self._lookup(host) is not None}
            return dict(self._held)

    def summary(self) -> dict[str, Any]:
        """{"objects": n, "releases": ["<namespace>/<name> <chart> <version>"], "checked": {...}, "unchecked": [...]}, of all together."""
        total, objects, releases = Tally(), 0, list[str]()
        for world in self.living().values():
            with world.lock:
                objects += len(world.objects)
                releases += [f"{each.namespace}/{each.name} {each.chart} {each.version}" for each in world.releases.values()]
                total.add(world.tally)
        return {"objects": objects, "releases": sorted(releases), **total.document()}

    def dump(self, *, secrets: bool = False) -> dict[str, Any]:
        """{host: {"objects": [manifest], "releases": [...], "log": [...]}}. secrets: show what Secrets hold, not only its keys."""
        return {host: edits.dump(world, secrets=secrets) for host, world in self.living().items()}

    def edit(self, document: dict[str, Any]) -> dict[str, Any]:
        """Change a cluster behind Terraform's back, or have it fail (see edits.edit). "host" says which, when there are several.

        Gives {"edited": true} or {"error": "<why not>"}.
        """
        worlds = self.living()
        host = document.get("host") or next(iter(worlds), None)
        if host not in worlds or (len(worlds) > 1 and "host" not in document):
            return {"error": f'name one of the clusters as "host": {sorted(worlds)}'}
        return edits.edit(worlds[host], document)

    def clear(self) -> None:
        """Forget every cluster."""
        with self._lock:
            self._held.clear()

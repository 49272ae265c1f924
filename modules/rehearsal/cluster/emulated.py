"""The clusters of the emulator's process: there when its EKS says so, gone when it does."""

from __future__ import annotations

from urllib.parse import urlsplit

from modules.rehearsal.cluster.world import World
from modules.rehearsal.cluster.worlds import Endpoint, Worlds
from modules.rehearsal.emulator.eks.state import Cluster, clusters


def endpoint(host: str) -> Endpoint | None:
    """The emulator's EKS cluster whose API would be at `host`; None when there is none that is ACTIVE."""
    for region, cluster in _active():
        if urlsplit(cluster.document["endpoint"]).hostname == host.lower():
            return Endpoint(region, cluster.document["version"])
    return None


def places() -> list[tuple[str, str]]:
    """(region, name) of each cluster that is ACTIVE."""
    return [(region, cluster.document["name"]) for region, cluster in _active()]


def world_of(region: str, name: str) -> World | None:
    """The World of an EKS cluster by the names AWS has for it; None when there is none that is ACTIVE."""
    for held_in, cluster in _active():
        if (held_in, cluster.document["name"]) == (region, name):
            return worlds.at(cluster.document["endpoint"])
    return None


def _active() -> list[tuple[str, Cluster]]:
    found = [(region, cluster) for (_account, region), held in clusters.items() for cluster in list(held.values())]
    return [(region, cluster) for region, cluster in found if cluster.document["status"] == "ACTIVE"]


worlds = Worlds(endpoint)

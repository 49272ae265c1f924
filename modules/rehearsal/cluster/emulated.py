"""The clusters of the emulator's process: there when its EKS says so, gone when it does."""

from __future__ import annotations

from urllib.parse import urlsplit

from modules.rehearsal.cluster.worlds import Endpoint, Worlds
from modules.rehearsal.emulator.eks.state import clusters


def endpoint(host: str) -> Endpoint | None:
    """The emulator's EKS cluster whose API would be at `host`; None when there is none that is ACTIVE."""
    for (_account, region), held in clusters.items():
        for cluster in list(held.values()):
            document = cluster.document
            if document["status"] == "ACTIVE" and urlsplit(document["endpoint"]).hostname == host.lower():
                return Endpoint(region, document["version"])
    return None


worlds = Worlds(endpoint)

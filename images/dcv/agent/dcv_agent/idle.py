"""When nobody uses any desktop for long enough, the seats go, and the nodes after them."""

from __future__ import annotations

from datetime import datetime, timedelta

from dcv_agent import logs
from dcv_agent.cluster import Cluster
from dcv_agent.entry import Mark


class IdleStop:
    """Watches the fleet of desktops; every agent does, and any of them may stop it."""

    def __init__(self, cluster: Cluster, deployment: str, limit: timedelta) -> None:
        self._cluster, self._deployment, self._limit = cluster, deployment, limit
        self._fleet: tuple[int, frozenset[str]] | None = None
        self._unchanged_since: datetime | None = None

    def check(self, live: list[Mark], now: datetime) -> bool:
        """Stops the seats when every live desktop is idle long enough; True when it did. Trouble when the API refuses."""
        replicas, version = self._cluster.replicas(self._deployment)
        if not self._due(live, replicas, now):
            return False
        self._cluster.stop(self._deployment, version)
        hours = self._limit.total_seconds() / 3600
        logs.info("stopped the idle desktops", deployment=self._deployment, hours=f"{hours:g}", desktops=len(live))
        return True

    def _due(self, live: list[Mark], replicas: int, now: datetime) -> bool:
        fleet = replicas, frozenset(mark.node for mark in live)
        if fleet != self._fleet or self._unchanged_since is None:
            # A desktop was just started, or one is on its way and has no entry yet: old idle times say nothing about it.
            self._fleet, self._unchanged_since = fleet, now
        if replicas == 0 or not live or any(mark.connections for mark in live):
            return False
        idle = [mark.idle_since or now for mark in live]
        return now - max(self._unchanged_since, *idle) >= self._limit

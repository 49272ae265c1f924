"""A backend that minds what one user has over all clusters. Mixed in before dask-gateway-server's own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any

from dask_gateway_server.backends.base import PublicException

from . import budget
from .budget import Share
from .checks import Refusal
from .settings import Settings

#: Seconds after which a new cluster that nobody has seen counts no more: it was gone before it was listed.
_UNSEEN = 60


class PerUser:
    """`settings` is set by configure(). A cluster that is refused is never made; one that grows by itself stops growing at the limit.

    A cluster that was held back grows on when its own wish changes next, not when another one of the user's ends.
    """

    settings: Settings

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: Workers that clusters last asked for, by user and cluster, as far as this process has heard.
        self._wanted: dict[str, dict[str, int]] = {}
        #: When clusters were made, by user and cluster: on Kubernetes the list of clusters lags behind.
        self._fresh: dict[str, dict[str, float]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def start_cluster(self, user: Any, cluster_options: Any) -> str:
        """As the parent. One after the other, or two at once would each find room for one."""
        async with self._one_at_a_time:
            name: str = await super().start_cluster(user, cluster_options)  # type: ignore[misc]
            self._fresh.setdefault(user.name, {})[name] = monotonic()
        return name

    async def process_cluster_options(self, user: Any, request: Any) -> Any:
        """As the parent, which start_cluster calls; refuses what the user has no room for."""
        options, config = await super().process_cluster_options(user, request)  # type: ignore[misc]
        listed = await self._clusters(user.name)
        running = len(listed) + len(self._fresh.get(user.name, ()))
        _public(budget.admit, self.settings, running, self._shares(listed), config.worker_cores, config.worker_memory)
        return options, config

    async def forward_message_to_scheduler(self, cluster: Any, msg: Mapping[str, Any]) -> None:
        """As the parent; a scale beyond the user's room is refused before anything starts."""
        asked = {"scale": "count", "adapt": "minimum"}.get(msg.get("op", ""))
        if asked and msg.get(asked):
            shares = self._shares(await self._clusters(cluster.username), without=cluster.name)
            _public(budget.scale, self.settings, msg[asked], shares, *_size(cluster))
        await super().forward_message_to_scheduler(cluster, msg)  # type: ignore[misc]

    async def on_cluster_heartbeat(self, cluster_name: str, msg: Mapping[str, Any]) -> None:
        """As the parent; what a scheduler asks for beyond the user's room is not started. Running workers stay."""
        cluster = await self.get_cluster(cluster_name)  # type: ignore[attr-defined]
        if cluster is not None:
            shares = self._shares(await self._clusters(cluster.username), without=cluster_name)
            count = min(msg["count"], budget.room(self.settings, shares, *_size(cluster)))
            self._wanted.setdefault(cluster.username, {})[cluster_name] = count
            msg = {**msg, "count": count}
        await super().on_cluster_heartbeat(cluster_name, msg)  # type: ignore[misc]

    def workers_before(self, cluster_name: str) -> int:
        """Workers of a cluster that this process has not heard of, because it started later."""
        return 0

    async def _clusters(self, username: str) -> list[Any]:
        """The user's clusters that are pending or running. Forgets what is known of others of theirs."""
        listed: list[Any] = await self.list_clusters(username=username)  # type: ignore[attr-defined]
        names = {each.name for each in listed}
        self._wanted[username] = {name: count for name, count in self._wanted.get(username, {}).items() if name in names}
        self._fresh[username] = {
            name: made
            for name, made in self._fresh.get(username, {}).items()
            if monotonic() - made < _UNSEEN and await self.get_cluster(name) is None  # type: ignore[attr-defined]
        }
        return listed

    def _shares(self, clusters: list[Any], without: str = "") -> list[Share]:
        return [Share(self._workers(each), *_size(each)) for each in clusters if each.name != without]

    def _workers(self, cluster: Any) -> int:
        known = self._wanted.get(cluster.username, {}).get(cluster.name)
        return self.workers_before(cluster.name) if known is None else known


def _size(cluster: Any) -> tuple[float, int]:
    return cluster.config["worker_cores"], cluster.config["worker_memory"]


def _public(check: Any, *args: Any) -> None:
    """Runs `check`; its refusal becomes the one error that dask-gateway-server shows to users."""
    try:
        check(*args)
    except Refusal as refusal:
        raise PublicException(str(refusal)) from None

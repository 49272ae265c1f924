"""The backend's limits over all of a user's clusters, without dask-gateway-server; tests/dask has the real one."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from modules.hub.gateway.settings import Settings

GIB = 2**30
SETTINGS = Settings.read(
    {
        "image": "a/b:1",
        "worker_cores": [1, 4],
        "worker_memory": [GIB, 8 * GIB],
        "max_cores": 8,
        "max_memory": 32 * GIB,
        "max_clusters": 2,
        "idle_timeout": 60,
        "kinds": {"cpu": {}},
    }
)
ADA, BOB = SimpleNamespace(name="ada"), SimpleNamespace(name="bob")


class PublicError(Exception):
    """Stands in for dask-gateway-server's PublicException."""


@dataclass
class FakeBackend:
    """Stands in for a backend of dask-gateway-server: clusters in a dict, listed as soon as `shown`, and what was passed on."""

    clusters: dict[str, Any] = field(default_factory=dict)
    hidden: dict[str, Any] = field(default_factory=dict)
    lags: bool = False
    sent: list[Any] = field(default_factory=list)

    async def process_cluster_options(self, user: Any, request: dict[str, Any]) -> tuple[Any, Any]:
        await asyncio.sleep(0)
        return request, SimpleNamespace(worker_cores=request.get("cores", 1), worker_memory=request.get("memory", GIB))

    async def start_cluster(self, user: Any, request: dict[str, Any]) -> str:
        _, config = await self.process_cluster_options(user, request)
        name = f"c{len(self.clusters) + len(self.hidden)}"
        made = SimpleNamespace(name=name, username=user.name, config=vars(config))
        (self.hidden if self.lags else self.clusters)[name] = made
        return name

    async def list_clusters(self, username: str) -> list[Any]:
        return [each for each in self.clusters.values() if each.username == username]

    async def get_cluster(self, name: str) -> Any:
        return self.clusters.get(name)

    async def forward_message_to_scheduler(self, cluster: Any, msg: Any) -> None:
        self.sent.append((cluster.name, msg))

    async def on_cluster_heartbeat(self, name: str, msg: Any) -> None:
        self.sent.append((name, msg))


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Makes a FakeBackend with the limits mixed in."""
    base = ModuleType("dask_gateway_server.backends.base")
    base.PublicException = PublicError  # type: ignore[attr-defined]
    for name in ("dask_gateway_server", "dask_gateway_server.backends"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, base.__name__, base)
    from modules.hub.gateway.per_user import PerUser

    class Backend(PerUser, FakeBackend):
        settings = SETTINGS

    yield Backend
    # Not for others: it holds on to the stand-in.
    del sys.modules["modules.hub.gateway.per_user"]


async def heard(backend: Any, name: str, count: int) -> int:
    """What a scheduler that wants `count` workers is given."""
    await backend.on_cluster_heartbeat(name, {"count": count, "active_workers": []})
    return int(backend.sent[-1][1]["count"])


def test_a_third_cluster_is_refused_and_another_user_is_not(make: Callable[..., Any]) -> None:
    async def story() -> None:
        backend = make()
        await backend.start_cluster(ADA, {})
        await backend.start_cluster(ADA, {})
        with pytest.raises(PublicError, match="You have 2 Dask clusters, and 2 at once is the most"):
            await backend.start_cluster(ADA, {})
        assert len(backend.clusters) == 2
        await backend.start_cluster(BOB, {})
        del backend.clusters["c0"]
        await backend.start_cluster(ADA, {})

    asyncio.run(story())


def test_many_at_once_do_not_slip_through(make: Callable[..., Any]) -> None:
    async def story() -> list[Any]:
        # The list of clusters shows none of them, as on Kubernetes for a moment.
        backend = make(lags=True)
        return await asyncio.gather(*(backend.start_cluster(ADA, {}) for _ in range(5)), return_exceptions=True)

    got = asyncio.run(story())
    assert [type(each).__name__ for each in got] == ["str", "str", *["PublicError"] * 3]


def test_a_cluster_that_was_never_seen_counts_for_a_minute_only(make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(sys.modules[make.__mro__[1].__module__], "monotonic", lambda: now[0])

    async def story() -> None:
        backend = make(lags=True)
        await backend.start_cluster(ADA, {})
        await backend.start_cluster(ADA, {})
        now[0] = 59
        with pytest.raises(PublicError):
            await backend.start_cluster(ADA, {})
        now[0] = 61
        await backend.start_cluster(ADA, {})

    asyncio.run(story())


def test_growth_stops_at_what_the_users_other_clusters_leave(make: Callable[..., Any]) -> None:
    async def story() -> None:
        backend = make()
        one, two, other = [await backend.start_cluster(who, {"cores": cores}) for who, cores in ((ADA, 2), (ADA, 1), (BOB, 1))]
        assert await heard(backend, one, 3) == 3
        assert await heard(backend, two, 5) == 2
        assert await heard(backend, other, 8) == 8
        assert await heard(backend, one, 4) == 3
        # The first gives back, and the second gets it when it asks again.
        assert await heard(backend, one, 0) == 0
        assert await heard(backend, two, 9) == 8
        del backend.clusters[one]
        with pytest.raises(PublicError, match="One more worker of 1 core and 1 GiB does not fit") as refused:
            await backend.start_cluster(ADA, {})
        assert "your other clusters use 8 and 8" in str(refused.value)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("msg", "refused"),
    [
        ({"op": "scale", "count": 4}, False),
        ({"op": "scale", "count": 5}, True),
        ({"op": "scale", "count": 0}, False),
        ({"op": "adapt", "minimum": 4, "maximum": 99}, False),
        ({"op": "adapt", "minimum": 5, "maximum": 99}, True),
        ({"op": "adapt", "minimum": None, "maximum": None, "active": False}, False),
    ],
)
def test_a_scale_beyond_the_room_is_refused_before_it_is_passed_on(make: Callable[..., Any], msg: dict[str, Any], refused: bool) -> None:
    async def story() -> None:
        backend = make()
        one, two = [await backend.start_cluster(ADA, {}) for _ in range(2)]
        await heard(backend, one, 4)
        backend.sent.clear()
        if refused:
            with pytest.raises(PublicError, match=r"5 workers of 1 core and 1 GiB are too many: .* so 4 fit here"):
                await backend.forward_message_to_scheduler(backend.clusters[two], msg)
        else:
            await backend.forward_message_to_scheduler(backend.clusters[two], msg)
        assert backend.sent == ([] if refused else [(two, msg)])

    asyncio.run(story())


def test_a_gateway_that_starts_later_asks_how_many_there_are(make: Callable[..., Any]) -> None:
    async def story() -> None:
        first = make()
        one, two = [await first.start_cluster(ADA, {}) for _ in range(2)]
        later = type("Later", (make,), {"workers_before": lambda self, name: {one: 6}.get(name, 0)})(clusters=first.clusters)
        assert await heard(later, two, 5) == 2
        assert await heard(later, one, 1) == 1
        assert await heard(later, two, 7) == 7

    asyncio.run(story())


def test_a_heartbeat_of_an_unknown_cluster_is_passed_on(make: Callable[..., Any]) -> None:
    backend = make()
    assert asyncio.run(heard(backend, "gone", 3)) == 3

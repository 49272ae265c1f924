"""A stand-in cluster, and the runtime that uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from kubernetes.client import ApiClient, Configuration

from modules.launcher.protocols import Rules
from modules.launcher.runtime.eks import EksRuntime
from tests.launcher.fake_kubernetes import Cluster, serve

Make = Callable[..., EksRuntime]
SECRETS = {
    ("api", None): "s3cret",
    ("registry", None): '{"user": "ann"}',
    ("registry", "user"): "ann",
    ("registry", "password"): "pässword",
}


class Known:
    """A store with fixed secrets, which fails as the real ones do."""

    def get(self, name: str, key: str | None = None) -> str:
        """The secret."""
        if (name, None) not in SECRETS:
            raise KeyError(name)
        if (name, key) not in SECRETS:
            raise ValueError(f"the value of {name} is {SECRETS[name, None]}")
        return SECRETS[name, key]


class Clock:
    """Now, moved by hand; sleeping moves it."""

    def __init__(self) -> None:
        self.now, self.slept = datetime.now(UTC), list[float]()

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Pass the time without waiting."""
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def cluster() -> Cluster:
    """A cluster with the namespaces of the tests. Manifests are judged by its schemas once, in test_judged."""
    return Cluster("default", "other", schemas=False)


@pytest.fixture
def clock() -> Clock:
    """The runtime's clock."""
    return Clock()


@pytest.fixture
def make(cluster: Cluster, clock: Clock) -> Iterator[Make]:
    """make(**rules): a runtime over the cluster, under these rules."""
    with serve(cluster) as url, ApiClient(Configuration(host=url, retries=False)) as api:
        yield lambda **rules: EksRuntime(api, Known(), Rules(**{"public_allowed": True, **rules}), now=clock, sleep=clock.sleep)

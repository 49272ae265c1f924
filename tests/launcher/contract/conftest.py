"""One service for a module, over a stand-in cluster that is new for each test."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.launcher.service import Service, served


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    with served() as made:
        yield made


@pytest.fixture
def service(running: Service) -> Service:
    running.cluster.clear()
    return running


@pytest.fixture
def ada(service: Service) -> Iterator[httpx.Client]:
    with service.client("ada") as client:
        yield client

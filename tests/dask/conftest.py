"""One hub with its gateway, started when a test first asks for it and kept for the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests._support.processes import wait_until
from tests.dask.support import daskhub
from tests.dask.support.daskhub import DaskHub
from tests.dask.support.notebook import Notebook
from tests.hub.support import installs

#: The hub's releases that the chart's image holds.
_VERSIONS = "chart"
#: Small, so that this machine meets them; everything else is the env's own.
_LIMITS = {"max_cores_per_user": 3, "max_memory_per_user": "3G", "max_clusters_per_user": 2}


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskHub]:
    """The running pair."""
    try:
        installs.python(_VERSIONS)
        installs.proxy()
        installs.chromium()
        installs.dask()
    except installs.Missing as missing:
        pytest.skip(f"NO REAL DASK: {missing}")
    built = daskhub.build(_VERSIONS, tmp_path_factory.mktemp("daskhub"), **_LIMITS)
    yield built
    built.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a visitor without cookies."""
    context = chromium.new_context()
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def ada(running: DaskHub, page: Page) -> Iterator[Notebook]:
    """The notebook of one user, whose clusters are gone before the next test."""
    notebook = running.notebook("plain@example-helio.org", page)
    yield notebook
    notebook.run("for each in gateway.list_clusters(): gateway.stop_cluster(each.name)")
    wait_until(lambda: notebook.run("result = not gateway.list_clusters()"), "a test's clusters to end", seconds=30)


@pytest.fixture
def grace(running: DaskHub, chromium: Browser) -> Iterator[Notebook]:
    """The notebook of another user."""
    context = chromium.new_context()
    context.set_default_timeout(20_000)
    yield running.notebook("gpu@example-helio.org", context.new_page())
    context.close()

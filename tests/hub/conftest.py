"""One real hub an env and version set, started when a test first asks for it and kept for the session."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, Page

from tests._support.long import LONG
from tests.hub.support import installs, worlds
from tests.hub.support.worlds import Start, World


@pytest.fixture(scope="session", params=list(installs.VERSION_SETS) if LONG else ["chart"])
def versions(request: pytest.FixtureRequest) -> str:
    """Name of a version set: what the chart holds, and with HUB_LONG=1 the newest releases too."""
    name = str(request.param)
    try:
        installs.python(name)
        installs.proxy()
        installs.chromium()
    except installs.Missing as missing:
        pytest.skip(f"NO REAL HUB ({name}): {missing}")
    return name


@pytest.fixture(scope="session")
def start(versions: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Gives the running world of an env; the same one to every test that asks for the same."""
    running: dict[str, World] = {}

    def world(env: str, **culling: int) -> World:
        key = f"{env} {culling}"
        if key not in running:
            running[key] = worlds.build(env, versions, tmp_path_factory.mktemp(f"hub-{env}-{versions}"), **culling)
            running[key].hub.wait()
        return running[key]

    yield world
    with ThreadPoolExecutor() as pool:
        list(pool.map(World.close, running.values()))


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a visitor without cookies."""
    context = chromium.new_context(viewport={"width": 1200, "height": 1400})
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()

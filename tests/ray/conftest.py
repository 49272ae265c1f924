"""One head and two workers, started when a test first asks for them and kept for the session."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from tests._support.helm import helm_binary
from tests.hub.support import installs
from tests.ray.support.cluster import Ray


@pytest.fixture(scope="session")
def ray() -> Iterator[Ray]:
    """The running cluster."""
    binary = helm_binary()
    if binary is None:
        pytest.skip("NO REAL RAY: no helm renders the chart")
    try:
        installs.ray()
    except installs.Missing as missing:
        pytest.skip(f"NO REAL RAY: {missing}")
    made = Ray.make(secrets.token_hex(32), binary)
    try:
        made.start_head()
        made.start_worker("worker-1")
        made.start_worker("worker-2")
        yield made
    finally:
        made.stop()
        assert made.left() == [], "processes of Ray are left"

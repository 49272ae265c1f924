"""The image's folder, and a bench for its scripts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests._support.scripts import Bench


@pytest.fixture(scope="session")
def image(root: Path) -> Path:
    """The folder of the image."""
    return root / "images" / "dcv"


@pytest.fixture
def bench(image: Path) -> Iterator[Bench]:
    """In a short path: a socket's may have 107 characters."""
    with tempfile.TemporaryDirectory(prefix="hub") as folder:
        made = Bench(image / "scripts", Path(folder))
        yield made
        made.end()

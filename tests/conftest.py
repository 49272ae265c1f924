"""What holds for every test: no real account, and a loud answer where Terraform is missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[1]

_SAFE = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "CHECKPOINT_DISABLE": "1",
}

#: Where tests take minutes, longest first.
_LONG = (
    "engine/test_lifecycle.py",
    "faults",
    "engine/test_interrupt.py",
    "engine/test_crash.py",
    "hub",
    "verify",
    "dask",
    "ray",
    "policy",
    "engine/test_validate.py",
)
#: What three workers begin with, and what takes seconds.
_FIRST, _SHORT = _LONG[:3], "engine/test_validate.py"
#: Rooms whose tests share something that takes long to start.
_SHARED = ("faults", "hub", "verify", "dask", "ray", "policy")


def pytest_configure() -> None:
    """Forget the caller's credentials and endpoints, also when pytest is called without tests/run."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "TF_"))]:
        del os.environ[name]
    os.environ.update(_SAFE)
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(dict.fromkeys(["127.0.0.1", "localhost", *filter(None, os.environ.get(name, "").split(","))]))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that no worker ends with one; what shares a hub or a gateway stays with one worker (--dist loadgroup)."""
    for item in items:
        room = _room(item)
        if room in _SHARED:
            started = getattr(item, "callspec", None)
            versions = started.params.get("versions", "") if started else ""
            item.add_marker(pytest.mark.xdist_group(f"{room} {versions}".strip()))
    items.sort(key=_place)
    # A worker is given one more test while it runs the first: were that a long one, it would wait for the longest of all.
    short = [item for item in items if _room(item) == _SHORT][: len(_FIRST)]
    if [_room(item) for item in items[:1]] == [_FIRST[0]]:
        first = [items[0], *(item for item in items if _room(item) in _FIRST[1:]), *short]
        items[:] = [*first, *(item for item in items if item not in first)]


def _place(item: pytest.Item) -> tuple[int, bool]:
    """The longest rooms first; of the lives, the demo's."""
    room = _room(item)
    return _LONG.index(room) if room in _LONG else len(_LONG), room == _FIRST[0] and hasattr(item, "callspec")


def _room(item: pytest.Item) -> str:
    """The folder below tests/; in tests/engine, the file."""
    parts = item.path.relative_to(ROOT / "tests").parts
    return "/".join(parts[:2]) if parts[0] == "engine" else parts[0]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """An engine test without an engine fails as missing; it is skipped only where the caller said so."""
    if item.get_closest_marker("engine") is None or shutil.which("terraform") or shutil.which("tofu"):
        return
    if os.environ.get("HUB_ALLOW_NO_TERRAFORM") == "1":
        pytest.skip("no terraform on PATH (HUB_ALLOW_NO_TERRAFORM=1)")
    pytest.fail("missing: terraform is not on PATH; install 1.11 or newer, or set HUB_ALLOW_NO_TERRAFORM=1", pytrace=False)


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for every room's tests: a process can hold only one Playwright at a time."""
    from tests.hub.support.browser import browser

    with browser() as started:
        yield started


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A MonkeyPatch over an environment without HUB_* variables."""
    for name in [name for name in os.environ if name.startswith("HUB_")]:
        monkeypatch.delenv(name)
    return monkeypatch

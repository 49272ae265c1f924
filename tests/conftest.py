"""What holds for every test: no real account, and a loud answer where Terraform is missing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[1]

_SAFE = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "CHECKPOINT_DISABLE": "1",
}


def pytest_configure() -> None:
    """Forget the caller's credentials and endpoints, also when pytest is called without tests/run."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "TF_"))]:
        del os.environ[name]
    os.environ.update(_SAFE)
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(dict.fromkeys(["127.0.0.1", "localhost", *filter(None, os.environ.get(name, "").split(","))]))


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


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A MonkeyPatch over an environment without HUB_* variables."""
    for name in [name for name in os.environ if name.startswith("HUB_")]:
        monkeypatch.delenv(name)
    return monkeypatch

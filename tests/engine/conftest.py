"""Whole runs of the command line against emulated accounts, each in a checkout of its own."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.config import HubConfig
from modules.config.load import load_env
from modules.rehearsal import session as rehearsal
from tests._support.checkout import Checkout
from tests._support.emulator import Emulator, loopback_session
from tests._support.helm import helm_binary

ROOT = Path(__file__).resolve().parents[2]

#: Values that an operator would have exported for the first install; none may be found anywhere but where it belongs.
SECRETS = {
    "TF_VAR_oauth_client_secret": "canary-client-secret-90ab12",
    "TF_VAR_dandi_api_credentials": '{"https://api.dandiarchive.org": "canary-dandi-token-77cc01"}',
}


@pytest.fixture(autouse=True, scope="session")
def helm() -> None:
    """A real helm for the emulators that tests start, so that charts of ours are rendered before they are judged."""
    binary = helm_binary()
    if binary is not None:
        os.environ["HUB_HELM"] = str(binary)


@dataclass(frozen=True)
class Life:
    """One env in one checkout, with a way to look into its account."""

    config: HubConfig
    checkout: Checkout
    url: str

    @property
    def session(self) -> boto3.Session:
        """boto3 in the emulated account, as the operator would have it."""
        return loopback_session(self.url, self.config.region)

    def cluster(self) -> dict[str, Any]:
        """How much the stand-in cluster holds, and how much of it was checked."""
        return self._ask("cluster")

    def cluster_dump(self) -> dict[str, Any]:
        """Every object and release of the stand-in cluster."""
        return self._ask("cluster/dump")

    def _ask(self, endpoint: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/hubsmith/{endpoint}", timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def faults(self) -> list[dict[str, Any]]:
        """Calls the emulator could not answer; a test that ignores them proves nothing."""
        with urllib.request.urlopen(f"{self.url}/hubsmith/faults", timeout=10) as answer:
            found: list[dict[str, Any]] = json.load(answer)
            return found


@contextmanager
def life(folder: Path, env: str) -> Iterator[Life]:
    """`env` ready for its first install.

    A rehearsal brings its own emulator. A real env meets one where it expects AWS: the endpoint comes from the
    environment, the account's number is the emulator's, and the providers of the cluster's API are the stand-ins of that
    emulator, from a mirror, so the very code path of a real install runs.
    """
    config = load_env(ROOT, env)
    if config.rehearsal:
        checkout = Checkout.make(folder)
        running = rehearsal.start(checkout.root, config)
        try:
            yield Life(config, checkout, running.url)
        finally:
            rehearsal.stop(checkout.root, env)
        return
    with Emulator(config.region) as emulator:
        if config.dns is not None:
            # What the operator owns before any install.
            emulator.session().client("route53").create_hosted_zone(Name=config.dns.zone, CallerReference=env)
        mirror = emulator.mirror(folder / "mirror")
        (folder / "repo").mkdir()
        checkout = Checkout.make(folder / "repo", **emulator.environment, **SECRETS, HUB_PLUGIN_MIRROR=str(mirror))
        yield Life(config, checkout, emulator.url)

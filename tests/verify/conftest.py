"""A real hub of env addf, with a real server for the test user that verify starts one for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest

from modules.common import verifying
from modules.config.models import HubConfig
from modules.ops.target import Target
from modules.ops.verify.check import Check, Result
from modules.ops.verify.run import run_checks
from modules.ops.verify.scene import Options, Scene
from tests.hub.support import installs, worlds
from tests.hub.support.logins import Provider
from tests.hub.support.worlds import World
from tests.verify.kubelet import Kubelet


@dataclass
class Real:
    """A hub, who starts its servers, and what hub.yaml would say of it."""

    world: World
    kubelet: Kubelet
    config: HubConfig

    @property
    def token(self) -> str:
        """The service's, as the chart's Secret would have it."""
        return self.world.hub.tokens[verifying.SERVICE]


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    """Running until the last test has ended."""
    try:
        installs.python("chart")
        installs.proxy()
        installs.notebook()
    except installs.Missing as missing:
        pytest.skip(f"NO REAL HUB: {missing}")
    folder = tmp_path_factory.mktemp("verify")
    world = worlds.build("addf", "chart", folder)
    assert isinstance(world.login, Provider)
    kubelet = Kubelet(world.hub, folder)
    world.hub.wait()
    auth = world.config.auth.model_copy(update={"issuer": world.login.issuer})
    yield Real(world, kubelet, world.config.model_copy(update={"auth": auth}))
    kubelet.close()
    world.close()


@pytest.fixture
def look(real: Real, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """One check at the real hub, or at another address; hub.yaml as the hub has it, or changed."""
    monkeypatch.setattr(HubConfig, "callback_url", property(lambda config: f"{real.world.url}/hub/oauth_callback"))
    monkeypatch.setenv("HUB_VERIFY_TOKEN", real.token)

    def run(check: Check, config: HubConfig | None = None, profile: str = "", url: str = "") -> Result:
        session = boto3.Session(region_name="us-east-2", aws_access_key_id="none", aws_secret_access_key="none")
        target = Target({}, {}, session, "", False, "a real hub on loopback")
        scene = Scene(tmp_path, config or real.config, target, Options(url=url or real.world.url, spawn=True, profile=profile))
        (found,) = run_checks(scene, [check])
        return found

    return run

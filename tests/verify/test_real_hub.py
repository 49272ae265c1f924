"""./hub verify against a real JupyterHub behind its real proxy: green as it is, red when a part of it is not there or is another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from modules.common import verifying
from modules.ops.verify.check import Result
from modules.ops.verify.checks.hub import HUB
from modules.ops.verify.checks.login import LOGIN
from modules.ops.verify.checks.proxy import PROXY
from modules.ops.verify.checks.server import SERVER
from modules.ops.verify.web import Site
from tests._support.evidence import Evidence
from tests.unit.ops_aws.support import make_config
from tests.verify.conftest import Real

pytestmark = [pytest.mark.hub, pytest.mark.slow, pytest.mark.npm]
_REAL = "real JupyterHub 5.5.0, its proxy, KubeSpawner and a real single-user server with a kernel; Kubernetes' part stood in"


def test_a_hub_that_works_is_green(look: Callable[..., Result], real: Real, evidence: Evidence) -> None:
    for check, words in ((PROXY, "answers 200"), (HUB, "JupyterHub 5.5.0 is healthy"), (LOGIN, "(oidc)")):
        found = look(check)
        assert (found.state, found.fix) == ("ok", ""), found
        assert words in found.said
    evidence.record("./hub verify: proxy, hub, login", "exercised", _REAL)


def test_another_login_than_the_files_is_red(look: Callable[..., Result], real: Real) -> None:
    found = look(LOGIN, real.config.model_copy(update={"auth": make_config().auth}))
    assert found.state == "failed"
    assert "instead of https://github.com/login/oauth/authorize" in found.said


def test_a_server_starts_runs_a_cell_and_is_gone(look: Callable[..., Result], real: Real, evidence: Evidence) -> None:
    found = look(SERVER)
    assert found.state == "ok", found
    assert "ran a cell" in found.said
    assert len(real.kubelet.started) == 1
    assert real.world.hub.cluster.pods() == []
    evidence.record("./hub verify --spawn", "exercised", _REAL)


def test_a_profile_that_the_hub_does_not_give_is_red(look: Callable[..., Result], real: Real) -> None:
    hub = real.config.hub
    ghost = hub.profiles[0].model_copy(update={"name": "Ghost", "default": False})
    config = real.config.model_copy(update={"hub": hub.model_copy(update={"profiles": (*hub.profiles, ghost)})})
    found = look(SERVER, config, profile="Ghost")
    assert found.state == "failed"
    assert "No such profile: ghost" in found.said
    assert real.world.hub.cluster.pods() == []


def test_the_services_token_reaches_nobody_else(real: Real) -> None:
    site = Site(real.world.url, real.token)
    assert site.ask("POST", f"/hub/api/users/{verifying.USER}", {}).status in (201, 409)
    assert [each["name"] for each in site.get("/hub/api/users").json()] == [verifying.USER]
    for method, path in (("POST", "/hub/api/users/somebody"), ("POST", "/hub/api/users/driver/server"), ("GET", "/hub/api/services")):
        assert site.ask(method, path, {} if method == "POST" else None).status in (403, 404), path


def test_a_token_that_the_hub_does_not_know(look: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_VERIFY_TOKEN", "0" * 32)
    found = look(SERVER)
    assert (found.state, found.said) == ("failed", "the hub does not know the token of HUB_VERIFY_TOKEN")


def test_a_proxy_without_its_hub(look: Callable[..., Result], real: Real, evidence: Evidence) -> None:
    real.world.hub.end_hub()
    try:
        assert look(PROXY).state == "ok"
        found = look(HUB)
        assert (found.state, found.said) == ("failed", "the hub does not answer: 503 at /hub/health")
    finally:
        real.world.hub.restart()
    evidence.record("./hub verify: hub", "faulted", "the hub's process ended behind a running proxy")

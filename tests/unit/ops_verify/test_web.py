"""The checks of what people meet, against a site that answers what each row says; all of them on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from modules.config.models import HubConfig
from modules.ops.verify.check import Check, Result
from modules.ops.verify.checks.gateway import GATEWAY
from modules.ops.verify.checks.hub import HUB
from modules.ops.verify.checks.login import LOGIN
from modules.ops.verify.checks.proxy import PROXY
from modules.ops.verify.run import run_checks
from modules.ops.verify.scene import Options
from tests._support.evidence import Evidence
from tests.hub.support.site import Reply, Request, Site, redirect
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_verify.conftest import Stage

CALLBACK = "https://hub.lab.test/hub/oauth_callback"
GITHUB = "https://github.com/login/oauth/authorize"
AUTH: dict[str, dict[str, Any]] = {
    "github": {"kind": "github", "admins": ["ada"], "client_id": "abc"},
    "auth0": {"kind": "auth0", "domain": "team.us.auth0.com", "client_id": "abc"},
    "cognito": {"kind": "cognito", "domain_prefix": "lab-people"},
    "dummy": {"kind": "dummy"},
}


class Front(Site):
    """A proxy, a hub, a gateway, as `pages` has them; 404 for the rest."""

    def __init__(self) -> None:
        self.pages: dict[str, Reply] = {
            "/_chp_healthz": Reply(200, {"status": "OK"}),
            "/hub/health": Reply(200, ""),
            "/hub/api/": Reply(200, {"version": "5.5.0"}),
            "/hub/login": Reply(200, "<a href='/hub/oauth_login'>Sign in with it</a>"),
            "/services/dask-gateway/api/health": Reply(200, {"status": "pass"}),
        }
        super().__init__()

    def answer(self, request: Request) -> Reply:
        return self.pages.get(request.path, Reply(404, "<h1>404</h1>"))


@pytest.fixture
def front() -> Iterator[Front]:
    """Everything is well, but for the login, which each row says."""
    made = Front()
    yield made
    made.close()


@pytest.fixture
def look(stage: Stage, front: Front) -> Callable[..., Result]:
    """One check of one env, at the site of the test."""

    def run(check: Check, config: HubConfig | None = None) -> Result:
        scene = stage(config or make_config(), options=Options(url=front.url))
        (found,) = run_checks(scene, [check])
        return found

    return run


def with_dask() -> HubConfig:
    """An env that has the gateway."""
    pools = {
        "default": {"families": ["m5"], "sizes": ["xlarge"]},
        "workers": {"purpose": "dask-worker", "families": ["m5"], "sizes": ["xlarge"]},
    }
    return make_config(pools=pools, dask={"worker_pool": "workers"})


def to(place: str, client: str = "abc", back: str = CALLBACK) -> Reply:
    """As the hub sends a person to a login service."""
    return redirect(f"{place}?response_type=code&client_id={client}&redirect_uri={back}")


@pytest.mark.parametrize(
    ("check", "path", "reply", "words"),
    [
        (PROXY, "/_chp_healthz", Reply(404, "nginx"), "answers 404 instead of 200"),
        (HUB, "/hub/health", Reply(503, "Service Unavailable"), "the hub does not answer: 503"),
        (GATEWAY, "/services/dask-gateway/api/health", Reply(404, ""), "answers 404"),
        (GATEWAY, "/services/dask-gateway/api/health", Reply(503, {"status": "fail"}), "answers 503"),
        (GATEWAY, "/services/dask-gateway/api/health", Reply(200, "<html>"), "something else than a Dask gateway"),
        (LOGIN, "/hub/login", Reply(500, ""), "/hub/login answers 500"),
    ],
)
def test_each_page_has_its_fault(
    look: Callable[..., Result], front: Front, check: Check, path: str, reply: Reply, words: str, evidence: Evidence
) -> None:
    if check is not LOGIN:
        assert look(check, with_dask()).state == "ok"
    front.pages[path] = reply
    found = look(check, with_dask())
    assert found.state == "failed"
    assert words in found.said
    assert found.fix
    evidence.record(f"./hub verify: {check.name}", "faulted", "a page on loopback that answers otherwise")


@pytest.mark.parametrize(
    ("kind", "reply", "state", "words"),
    [
        ("github", to(GITHUB), "ok", "github.com (github)"),
        ("github", to("https://team.us.auth0.com/authorize"), "failed", "sends people to https://team.us.auth0.com/authorize instead of"),
        ("github", to(GITHUB, client="other"), "failed", "as client other instead of abc"),
        ("github", to(GITHUB, back="https://example.com/hub/oauth_callback"), "failed", "way back leads to https://example.com"),
        ("github", Reply(200, "<input type='password'>"), "failed", "the hub sends nobody to github"),
        ("auth0", to("https://team.us.auth0.com/authorize"), "ok", "team.us.auth0.com (auth0)"),
        ("auth0", to(GITHUB), "failed", "instead of https://team.us.auth0.com/authorize"),
        ("cognito", to("https://lab-people.auth.us-east-2.amazoncognito.com/oauth2/authorize", "pool"), "ok", "(cognito)"),
        (
            "cognito",
            to("https://others.auth.us-east-2.amazoncognito.com/oauth2/authorize", "pool"),
            "failed",
            "instead of https://lab-people",
        ),
    ],
)
def test_the_login_is_that_of_the_file(
    look: Callable[..., Result], front: Front, kind: str, reply: Reply, state: str, words: str, evidence: Evidence
) -> None:
    front.pages["/hub/oauth_login"] = reply
    found = look(LOGIN, make_config(auth=AUTH[kind]))
    assert found.state == state
    assert words in found.said
    evidence.record("./hub verify: login", "faulted", "service, client and way back that are not the file's")


@pytest.mark.parametrize(("page", "state"), [("<input type='password'>", "ok"), ("<a>Sign in</a>", "failed")])
def test_a_login_without_a_service(look: Callable[..., Result], front: Front, page: str, state: str) -> None:
    front.pages["/hub/login"] = Reply(200, page)
    config = make_config().model_copy(update={"auth": make_config(auth=AUTH["dummy"], insecure=True, domain=None, dns=None).auth})
    assert look(LOGIN, config).state == state


def test_nobody_listens(look: Callable[..., Result], front: Front) -> None:
    front.close()
    found = look(PROXY)
    assert found.state == "failed"
    assert "refuses connections" in found.said


def test_a_rehearsal_has_no_address(stage: Stage, config: HubConfig) -> None:
    found = run_checks(stage(config, rehearsal=True), [PROXY, HUB, LOGIN])
    assert {each.state for each in found} == {"skipped"}

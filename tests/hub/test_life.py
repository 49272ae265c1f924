"""A hub's own behaviour: culling, starting with bad settings, and what its log and its pods must not hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests._support.evidence import Evidence
from tests._support.processes import wait_until
from tests.hub.support import worlds
from tests.hub.support.browser import log_in, spawn
from tests.hub.support.worlds import CANARIES, Start

pytestmark = [pytest.mark.hub, pytest.mark.slow, pytest.mark.npm]


def test_an_idle_server_is_culled(start: Start, page: Page, evidence: Evidence) -> None:
    # The env says an hour; everything else of the culler's command stays as it is.
    demo = start("demo", timeout=3, every=1)
    log_in(page, demo.url, "grace")
    spawn(page, demo.url, "grace", "tiny")
    assert len(demo.hub.cluster.pods()) == 1
    # The server's page would count as activity.
    page.goto("about:blank")
    wait_until(lambda: not demo.hub.cluster.pods(), "the idle server to be culled", seconds=30)
    assert "Culling server grace" in demo.hub.log
    evidence.record("culling: an idle server is stopped", "exercised", "the chart's culler command, real hub")


@pytest.mark.parametrize("key", ["client-secret", "cookie-secret", "dandi-tokens", "crypt-key"])
def test_a_hub_without_a_secret_says_which_and_does_not_start(versions: str, tmp_path: Path, key: str, evidence: Evidence) -> None:
    world = worlds.build("dandi", versions, tmp_path, without=key)
    try:
        assert world.hub.ended() == 1
        (line,) = [line for line in world.hub.log.splitlines() if line.startswith("hubsmith: ")]
        assert line.startswith("hubsmith: the hub does not start: HUBSMITH_")
        assert "Traceback" not in world.hub.log
    finally:
        world.close()
    evidence.record("hub: a missing secret is one sentence in the log, and no start", "faulted", "each of the four")


_OPEN = """
name: open
region: us-east-2
rehearsal: true
insecure: true
network: {}
cluster: {version: "1.35"}
pools: {default: {families: [m5], sizes: [xlarge]}}
auth: {kind: dummy, admins: [ada]}
hub:
  images: {base: {repo: quay.io/jupyter/base-notebook, tag: "2026-10-05", default: true}}
  profiles: [{name: Base, default: true, cpu: [1, 2], memory: [4G, 8G], pool: default}]
"""


def test_an_env_without_an_address_may_let_anybody_in(versions: str, tmp_path: Path, page: Page, evidence: Evidence) -> None:
    (tmp_path / "envs" / "open").mkdir(parents=True)
    (tmp_path / "envs" / "open" / "hub.yaml").write_text(_OPEN)
    world = worlds.build("open", versions, tmp_path, root=tmp_path)
    try:
        world.hub.wait()
        page.goto(f"{world.url}/hub/login")
        page.locator("input[name='username']").fill("anybody")
        page.locator("input[name='password']").fill("anything")
        page.locator("input[type='submit'], button[type='submit']").first.click()
        expect(page.locator("body")).to_contain_text("anybody")
    finally:
        world.close()
    evidence.record("login: kind dummy works where no address leads to the hub", "exercised", "real JupyterHub, in a browser")


def test_neither_log_nor_pods_hold_a_secret(start: Start, page: Page, evidence: Evidence) -> None:
    dandi = start("dandi")
    log_in(page, dandi.url, "dandi-user-3")
    spawn(page, dandi.url, "dandi-user-3", "base")
    first = next(iter(dandi.archives.values()))
    log, made = dandi.hub.log, dandi.hub.cluster.dump()
    for name, value in CANARIES.items():
        assert value not in log, name
        assert value not in made, name
    # A hub that never used them would hold none either.
    assert any(request.headers.get("authorization") == f"token {CANARIES['dandi-token']}" for request in first.asked)
    assert not [code for code in dandi.login.tokens if code in log]
    assert any(CANARIES["client-secret"] in request.body.decode() for request in dandi.login.asked)
    evidence.record("secrets: in neither the hub's log nor the pods it asks for", "exercised", "canaries in all four")

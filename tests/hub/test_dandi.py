"""Production of DANDI: GitHub logins, registration with an archive, a server of the chosen size and image."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests._support.evidence import Evidence
from tests._support.processes import wait_until
from tests.hub.support.browser import log_in
from tests.hub.support.worlds import CANARIES, World

pytestmark = [pytest.mark.hub, pytest.mark.slow, pytest.mark.npm]
SHOTS = Path(__file__).resolve().parents[1] / ".hub" / "shots"


@pytest.fixture
def dandi(start) -> World:
    return start("dandi")


def test_a_stranger_is_refused_and_told_why(dandi: World, page: Page, evidence: Evidence) -> None:
    log_in(page, dandi.url, "stranger")
    expect(page.locator("body")).to_contain_text("403")
    expect(page.locator("body")).to_contain_text("logged in to GitHub as stranger")
    expect(page.locator("body")).to_contain_text("Register at")
    evidence.record("login: an unregistered GitHub user is refused and told why", "exercised", "real JupyterHub in a browser")


def test_a_registered_user_gets_the_server_they_chose(dandi: World, page: Page, versions: str, evidence: Evidence) -> None:
    log_in(page, dandi.url, "dandi-user")
    page.goto(f"{dandi.url}/hub/spawn")
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"spawn-dandi-{versions}.png", full_page=True)
    for profile in dandi.config.hub.profiles:
        expect(page.locator("body")).to_contain_text(profile.name)
    page.get_by_text("T4 GPU for inference").first.click()
    page.locator("select[name='profile-option-t4-gpu-for-inference--image']").select_option(label="GPU with MATLAB")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/user/dandi-user/**")
    expect(page.locator("h1")).to_contain_text("Server at /user/dandi-user/")
    (pod,) = [pod for pod in dandi.hub.cluster.pods() if pod["metadata"]["annotations"]["hub.jupyter.org/username"] == "dandi-user"]
    import json

    print(json.dumps(pod, indent=1))

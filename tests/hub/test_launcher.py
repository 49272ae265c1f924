"""The launcher as the hub's service: a notebook's own token opens it, as its user, and is told where it is."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from modules.launcher.auth.jupyterhub import JupyterHub
from modules.launcher.protocols import ALL_SCOPES, Principal
from modules.launcher.settings.auth import JupyterHub as Settings
from tests._support.evidence import Evidence
from tests.hub.support.browser import log_in, spawn
from tests.hub.support.worlds import CANARIES, Start

pytestmark = [pytest.mark.hub, pytest.mark.slow, pytest.mark.npm]


def test_a_notebooks_own_token_opens_the_launcher(start: Start, page: Page, evidence: Evidence) -> None:
    demo = start("demo")
    log_in(page, demo.url, "grace")
    spawn(page, demo.url, "grace", "tiny")
    (pod,) = demo.hub.cluster.pods()
    variables = {each["name"]: each.get("value", "") for each in pod["spec"]["containers"][0]["env"]}
    assert variables["HYDROPLANE_SERVER"] == "http://launcher.launcher:80"
    launcher = JupyterHub(Settings(api_url=f"{demo.url}/hub/api"))
    who = launcher.authenticate({"authorization": f"Bearer {variables['JUPYTERHUB_API_TOKEN']}"})
    assert who == Principal("grace", admin=False, scopes=ALL_SCOPES)
    assert CANARIES["launcher-token"] not in demo.hub.cluster.dump()
    evidence.record("launcher: a notebook's own token opens it", "exercised", "real hub as its release sets it up; the launcher's own door")

"""Production of DANDI: GitHub logins, registration with an archive, a server of the chosen size and image."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests._support.evidence import Evidence
from tests.hub.support.browser import log_in, spawn
from tests.hub.support.worlds import Start, World

_REAL = "real JupyterHub and KubeSpawner, in a browser"
pytestmark = [pytest.mark.hub, pytest.mark.slow, pytest.mark.npm]
_SHOTS = Path(__file__).resolve().parents[1] / ".hub" / "shots"
_GPU = "t4-gpu-for-inference"


@pytest.fixture
def dandi(start: Start) -> Iterator[World]:
    """The hub, with archives that answer before and after."""
    world = start("dandi")
    yield world
    for archive in world.archives.values():
        archive.status, archive.delay = 200, 0.0
    world.login.failing.clear()


def test_a_stranger_is_refused_and_told_why(dandi: World, page: Page, evidence: Evidence) -> None:
    log_in(page, dandi.url, "stranger")
    body = page.locator("body")
    expect(body).to_contain_text("403")
    # An archive knows stranger-twin, and its search finds that for "stranger" too.
    expect(body).to_contain_text("logged in to GitHub as stranger, but no DANDI archive")
    expect(body).to_contain_text("Register at")
    evidence.record("login: an unregistered GitHub user is refused and told why", "exercised", _REAL)


@pytest.mark.parametrize("user", ["dandi-user", "ember-user"])
def test_a_registration_with_either_archive_is_enough(dandi: World, page: Page, user: str, evidence: Evidence) -> None:
    log_in(page, dandi.url, user)
    expect(page.locator("body")).to_contain_text(user)
    page.goto(f"{dandi.url}/hub/admin")
    expect(page.locator("body")).to_contain_text("403")
    evidence.record("login: registration with any of several DANDI archives lets in", "exercised", _REAL)


def test_a_user_gets_the_server_they_chose(dandi: World, page: Page, versions: str, evidence: Evidence) -> None:
    log_in(page, dandi.url, "dandi-user")
    page.goto(f"{dandi.url}/hub/spawn")
    for profile in dandi.config.hub.profiles:
        expect(page.get_by_text(profile.name, exact=True)).to_be_visible()
    _SHOTS.mkdir(parents=True, exist_ok=True)
    shot = _SHOTS / f"spawn-dandi-{versions}.png"
    page.screenshot(path=shot, full_page=True)
    print(f"spawn page: {shot}")
    spawn(page, dandi.url, "dandi-user", _GPU, "GPU with MATLAB")
    expect(page.locator("h1")).to_contain_text("Server at /user/dandi-user/")
    pod = _pod(dandi, "dandi-user")
    resources = _container(pod)["resources"]
    assert resources["requests"] == {"cpu": 6, "memory": 25 * 2**30, "nvidia.com/gpu": "1"}
    assert resources["limits"] == {"cpu": 8, "memory": 31 * 2**30, "nvidia.com/gpu": "1"}
    assert _container(pod)["image"] == "dandiarchive/dandihub:2026.10.1-gpu-matlab"
    assert pod["spec"]["nodeSelector"] == {"hubsmith.io/pool": "gpu"}
    _instance_type_is_required(pod, "g4dn.2xlarge")
    tolerated = {(each["key"], each["value"], each["effect"]) for each in pod["spec"]["tolerations"]}
    assert tolerated == {("hub.jupyter.org/dedicated", "user", "NoSchedule"), ("nvidia.com/gpu", "present", "NoSchedule")}
    evidence.record(
        "spawn: image, size, GPU, node and tolerations are those the user chose", "exercised", "real KubeSpawner, API of our own"
    )
    evidence.record("spawn page: every profile with its text and price", "exercised", "screenshot kept by the run")


def test_a_pod_has_its_own_home_and_no_privileges(dandi: World, page: Page, evidence: Evidence) -> None:
    log_in(page, dandi.url, "ember-user")
    spawn(page, dandi.url, "ember-user", "tiny")
    pod = _pod(dandi, "ember-user")
    spec, container = pod["spec"], _container(pod)
    mounts = {
        mount["mountPath"]: (mount["name"], mount.get("subPath"), mount.get("readOnly", False)) for mount in container["volumeMounts"]
    }
    assert mounts == {
        "/home/jovyan": ("home", "ember-user", False),
        "/dev/shm": ("shm", None, False),
        "/shared": ("tree-shared", None, False),
        "/readonly": ("tree-readonly", None, True),
    }
    assert spec["serviceAccountName"] == "single-user"
    assert spec["automountServiceAccountToken"] is False
    assert not spec.get("initContainers")
    context = container["securityContext"]
    assert (context["runAsUser"], context["runAsNonRoot"], context["allowPrivilegeEscalation"]) == (1000, True, False)
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert not context.get("privileged")
    assert not any("hostPath" in volume for volume in spec["volumes"])
    evidence.record(
        "spawn: a pod has its user's home alone, no privileges and no cluster token", "exercised", "real KubeSpawner, API of our own"
    )


def test_notebooks_get_the_identity_that_the_env_asks_for(dandi: World, page: Page, evidence: Evidence) -> None:
    log_in(page, dandi.url, "satra")
    spawn(page, dandi.url, "satra", "tiny")
    given = {each["name"]: each.get("value") for each in _container(_pod(dandi, "satra"))["env"]}
    assert given["GITHUB_USER"] == "satra"
    # GitHub says null for a private address, and the granted scope lets the hub ask for it.
    assert given["GITHUB_EMAIL"] == "satra@example.org"
    assert given["GITHUB_TOKEN"] in dandi.login.tokens
    evidence.record("spawn: GITHUB_TOKEN, GITHUB_USER and GITHUB_EMAIL where pass_identity says so", "exercised", _REAL)


@pytest.mark.parametrize(("status", "delay"), [(500, 0.0), (503, 0.0), (404, 0.0), (200, 1.5)], ids=["500", "503", "moved", "slow"])
def test_an_archive_that_is_down_is_not_a_refusal(dandi: World, page: Page, status: int, delay: float, evidence: Evidence) -> None:
    first = next(iter(dandi.archives.values()))
    first.status, first.delay = status, delay
    page.set_default_timeout(60_000)
    log_in(page, dandi.url, "dandi-user")
    body = page.locator("body")
    expect(body).to_contain_text("503")
    expect(body).to_contain_text("the DANDI archive does not answer")
    first.status, first.delay = 200, 0.0
    page.get_by_role("link", name="Log in again").click()
    log_in(page, dandi.url, "dandi-user")
    expect(page.locator("body")).to_contain_text("dandi-user")
    evidence.record(
        "login: an archive that is down gives a 503 that says so, and the next try works", "faulted", "500, 503, 404, no answer in time"
    )


def test_an_archive_that_is_down_hinders_neither_admins_nor_users_of_the_other(dandi: World, page: Page, evidence: Evidence) -> None:
    next(iter(dandi.archives.values())).status = 500
    log_in(page, dandi.url, "ember-user")
    expect(page.locator("body")).to_contain_text("ember-user")
    page.context.clear_cookies()
    log_in(page, dandi.url, "satra")
    page.goto(f"{dandi.url}/hub/admin")
    expect(page.get_by_role("button", name="Add Users")).to_be_visible()
    evidence.record("login: an admin reaches the admin page, a user does not", "exercised", _REAL)


def test_github_that_is_down_is_no_500(dandi: World, page: Page, evidence: Evidence) -> None:
    log_in(page, dandi.url, "stranger")
    used = page.url
    page.goto(used)
    expect(page.locator("body")).to_contain_text("400")
    dandi.login.failing[dandi.login.token] = 502
    log_in(page, dandi.url, "dandi-user")
    expect(page.locator("body")).to_contain_text("503")
    expect(page.locator("body")).to_contain_text("GitHub does not answer")
    evidence.record("login: GitHub that is down gives a 503 that says so", "faulted", "502 of the token endpoint")


def test_who_is_logged_in_stays_so_while_github_is_down(dandi: World, page: Page, evidence: Evidence) -> None:
    log_in(page, dandi.url, "dandi-user-2")
    dandi.login.failing[dandi.login.userinfo] = 502
    # A start makes the hub ask GitHub anew.
    spawn(page, dandi.url, "dandi-user-2", "tiny")
    assert "dandi-user-2 stays logged in" in dandi.hub.log
    evidence.record("login: who is logged in stays so while GitHub is down", "faulted", "502 of the user endpoint")


def _pod(world: World, user: str) -> dict[str, Any]:
    """The pod of `user`; there is exactly one."""
    (pod,) = [pod for pod in world.hub.cluster.pods() if pod["metadata"]["annotations"]["hub.jupyter.org/username"] == user]
    return pod


def _container(pod: dict[str, Any]) -> dict[str, Any]:
    (container,) = pod["spec"]["containers"]
    return dict(container)


def _instance_type_is_required(pod: dict[str, Any], wanted: str) -> None:
    affinity = pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    # Terms are alternatives: a second one would let the pod go anywhere that one allows.
    (term,) = affinity["nodeSelectorTerms"]
    assert {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": [wanted]} in term["matchExpressions"]

"""Logins with Cognito, Auth0, OpenID Connect and a team of GitHub's: who comes in, what groups show, what logging out does."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from modules.common.homes import owner
from tests._support.evidence import Evidence
from tests.hub.support.browser import log_in, spawn, to_service
from tests.hub.support.worlds import Start, World

pytestmark = [pytest.mark.hub, pytest.mark.slow, pytest.mark.npm]
_REAL = "real JupyterHub and KubeSpawner, in a browser"
_BIG_GPU = "gpu-server-x-large"

ADMITTED = [
    ("helio", "plain@example-helio.org"),
    ("helio", "gpu@example-helio.org"),
    ("daft", "second@example-daft.org"),
    ("addf", "driver"),
    ("bican", "grace"),
]
ADMINS = [("helio", "helio-admin@example-helio.org"), ("daft", "second@example-daft.org"), ("addf", "addf-admin")]
REFUSED = [
    ("helio", "changed", "has not verified it"),
    ("daft", "third@example-daft.org", "has not verified it"),
    ("daft", "stranger@example-daft.org", "does not let that account in"),
    ("daft", "impostor", "has not verified it"),
    ("daft", "nameless", "did not tell this hub your email"),
    ("addf", "visitor", "does not let that account in"),
    ("bican", "ada", "does not let that account in"),
]


@pytest.mark.parametrize(("env", "user"), ADMITTED)
def test_who_is_on_a_list_or_in_a_group_comes_in(start: Start, page: Page, env: str, user: str, evidence: Evidence) -> None:
    world = start(env)
    log_in(page, world.url, user)
    expect(page.locator("#user-dropdown, .navbar").first).to_contain_text(user)
    evidence.record(f"login with {world.config.auth.kind}: lists and groups let in, nothing else does", "exercised", _REAL)


def test_an_address_is_the_same_person_in_any_case(start: Start, page: Page, evidence: Evidence) -> None:
    daft = start("daft")
    log_in(page, daft.url, "First@Example-Daft.ORG")
    expect(page.locator("#user-dropdown, .navbar").first).to_contain_text("first@example-daft.org")
    page.goto(f"{daft.url}/hub/admin")
    expect(page.get_by_role("button", name="Add Users")).to_be_visible()
    evidence.record("login with auth0: lists of addresses match in any case", "exercised", _REAL)


@pytest.mark.parametrize(("env", "user", "why"), REFUSED)
def test_who_is_not_is_told_why(start: Start, page: Page, env: str, user: str, why: str, evidence: Evidence) -> None:
    world = start(env)
    log_in(page, world.url, user)
    expect(page.locator("body")).to_contain_text("403")
    expect(page.locator("body")).to_contain_text(why)
    evidence.record("login: an e-mail address counts only once the service has verified it", "exercised", _REAL)


def test_github_that_cannot_say_who_is_in_a_team_refuses_nobody(start: Start, page: Page, evidence: Evidence) -> None:
    bican = start("bican")
    members = "/api/v3/orgs/brain-bican/teams/kbhub-users/members/grace"
    bican.login.failing[members] = 502
    log_in(page, bican.url, "grace")
    del bican.login.failing[members]
    expect(page.locator("body")).to_contain_text("503")
    expect(page.locator("body")).to_contain_text("GitHub does not answer")
    evidence.record("login: GitHub that is down gives a 503 that says so", "faulted", "502 of the team's members")


@pytest.mark.parametrize(("env", "user"), ADMINS)
def test_admins_are_those_of_the_env_file(start: Start, page: Page, env: str, user: str) -> None:
    world = start(env)
    log_in(page, world.url, user)
    page.goto(f"{world.url}/hub/admin")
    expect(page.get_by_role("button", name="Add Users")).to_be_visible()


@pytest.mark.parametrize(("env", "user"), ADMITTED[:1] + ADMITTED[2:4])
def test_logging_out_ends_the_session_of_the_login_service_too(start: Start, page: Page, env: str, user: str, evidence: Evidence) -> None:
    world = start(env)
    log_in(page, world.url, user)
    page.goto(f"{world.url}/hub/logout")
    page.wait_for_url(f"{world.url}/hub/login**")
    to_service(page, world.url)
    # A service that remembered would have sent the browser straight back in.
    expect(page.get_by_role("link", name=user, exact=True)).to_be_visible()
    evidence.record(f"logout with {world.config.auth.kind}: ends the service's own session", "exercised", _REAL)


@pytest.mark.parametrize(
    ("user", "shown"), [("plain@example-helio.org", False), ("gpu@example-helio.org", True), ("helio-admin@example-helio.org", True)]
)
def test_a_profile_with_groups_is_shown_to_members_and_admins(start: Start, page: Page, user: str, shown: bool, evidence: Evidence) -> None:
    helio = start("helio")
    log_in(page, helio.url, user)
    page.goto(f"{helio.url}/hub/spawn")
    expect(page.get_by_text("The Big Big Server")).to_be_visible()
    expect(page.locator(f"input[value='{_BIG_GPU}']")).to_have_count(int(shown))
    evidence.record("spawn page: a profile with groups is shown to members and admins alone", "exercised", _REAL)


def test_a_hidden_profile_cannot_be_asked_for_by_hand(start: Start, page: Page, evidence: Evidence) -> None:
    helio = start("helio")
    log_in(page, helio.url, "plain@example-helio.org")
    page.goto(f"{helio.url}/hub/spawn")
    page.locator("input[name='profile']").first.evaluate(f"radio => {{ radio.value = '{_BIG_GPU}'; radio.checked = true }}")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("body")).to_contain_text("Error")
    assert f"No such profile: {_BIG_GPU}" in helio.hub.log
    assert _pods(helio, "plain@example-helio.org") == []
    evidence.record("spawn page: a hidden profile is refused when it is asked for by hand", "exercised", _REAL)


def test_a_home_on_ebs_is_the_users_own_claim(start: Start, page: Page, evidence: Evidence) -> None:
    helio = start("helio")
    log_in(page, helio.url, "gpu@example-helio.org")
    spawn(page, helio.url, "gpu@example-helio.org", _BIG_GPU)
    (pod,) = _pods(helio, "gpu@example-helio.org")
    claims = {volume["persistentVolumeClaim"]["claimName"] for volume in pod["spec"]["volumes"] if "persistentVolumeClaim" in volume}
    (home,) = claims - {"tree-efs"}
    claim = helio.hub.cluster.objects[("persistentvolumeclaims", home)]
    assert claim["spec"]["resources"]["requests"] == {"storage": "100Gi"}
    assert claim["spec"]["storageClassName"] == "homes"
    assert owner(home) == "gpu@example-helio.org", "with the cluster gone, the claim's name is all that tells whose home this is"
    evidence.record("spawn: a home on EBS is a claim of the user's own", "exercised", _REAL)


def _pods(world: World, user: str) -> list[dict[str, object]]:
    return [pod for pod in world.hub.cluster.pods() if pod["metadata"]["annotations"]["hub.jupyter.org/username"] == user]

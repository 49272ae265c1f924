"""The launcher's questions to a real JupyterHub: whose a token is, what its scopes are once the hub has expanded them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from modules.launcher.auth.jupyterhub import JupyterHub
from modules.launcher.errors import Forbidden, Unauthorized
from modules.launcher.protocols import ALL_SCOPES, Principal
from modules.launcher.settings.auth import JupyterHub as Settings
from tests.hub.support import installs
from tests.launcher.auth.real_hub import RealHub, running

pytestmark = [pytest.mark.hub, pytest.mark.slow]
ACCESS = "access:services!service=launcher"


@pytest.fixture(scope="module", params=sorted(installs.VERSION_SETS))
def hub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHub]:
    try:
        with running(tmp_path_factory.mktemp("hub"), request.param) as started:
            yield started
    except installs.Missing as missing:
        pytest.skip(f"NO REAL HUB ({request.param}): {missing}")


def call(hub: RealHub, token: str) -> Principal:
    return JupyterHub(Settings(api_url=hub.url, timeout_seconds=60, cache_seconds=0)).authenticate({"authorization": f"Bearer {token}"})


@pytest.mark.parametrize(
    "rights",
    [{"scopes": [ACCESS]}, {"scopes": ["users:activity!user", "access:servers!user", ACCESS]}, {}],
    ids=["the launcher alone", "a notebook's", "all a user has"],
)
def test_a_user_s_token_is_the_user(hub: RealHub, rights: dict[str, list[str]]) -> None:
    assert call(hub, hub.make_token("alice", **rights)[1]) == Principal("alice", False, ALL_SCOPES)


@pytest.mark.parametrize("scopes", [["read:users!user"], ["users:activity!user", "access:servers!user"]])
def test_a_token_without_the_scope_is_forbidden(hub: RealHub, scopes: list[str]) -> None:
    token = hub.make_token("alice", scopes=scopes)[1]
    with pytest.raises(Forbidden, match=ACCESS):
        call(hub, token)


def test_a_service_is_no_user(hub: RealHub) -> None:
    assert call(hub, hub.setup) == Principal("service:setup", True, ALL_SCOPES)


def test_a_hub_admin_is_admin_here_only_with_a_token_that_says_so(hub: RealHub) -> None:
    hub.ask("POST", "/users/boss", {"admin": True})
    assert call(hub, hub.make_token("boss")[1]) == Principal("boss", True, ALL_SCOPES)
    assert call(hub, hub.make_token("boss", scopes=[ACCESS])[1]) == Principal("boss", False, ALL_SCOPES)


def test_a_revoked_or_invented_token_is_unauthorized(hub: RealHub) -> None:
    id, token = hub.make_token("bob", scopes=[ACCESS])
    assert call(hub, token).name == "bob"
    hub.ask("DELETE", f"/users/bob/tokens/{id}")
    for each in (token, "0" * 64):
        with pytest.raises(Unauthorized):
            call(hub, each)

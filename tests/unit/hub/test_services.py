"""The services that users' servers call: what the hub knows of each, and that neither shuts the other out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from modules.hub import services
from modules.hub.settings import GATEWAY_TOKEN, LAUNCHER_TOKEN, Secrets, Settings, SettingsError

DASK, LAUNCHER = {"dask": {"url": "http://traefik"}}, {"launcher": {"url": "http://launcher"}}
TOKENS = {GATEWAY_TOKEN: "t0ken", LAUNCHER_TOKEN: "other"}
KNOWN = {
    "dask-gateway": {"name": "dask-gateway", "url": "http://traefik", "api_token": "t0ken", "display": False},
    "launcher": {"name": "launcher", "url": "http://launcher", "api_token": "other", "display": False},
}


def hub() -> Any:
    return SimpleNamespace(JupyterHub=SimpleNamespace(services=[{"name": "culler"}], load_roles=[{"name": "culler"}]))


@pytest.mark.parametrize(
    ("settings", "names"),
    [({}, []), (DASK, ["dask-gateway"]), (LAUNCHER, ["launcher"]), ({**DASK, **LAUNCHER}, ["dask-gateway", "launcher"])],
    ids=["none", "dask", "launcher", "both"],
)
def test_the_hub_knows_them_and_lets_users_in(settings: dict[str, Any], names: list[str]) -> None:
    c = hub()
    services.configure(c, Settings(settings), Secrets(TOKENS))
    assert c.JupyterHub.services[1:] == [KNOWN[name] for name in names]
    scopes = [f"access:services!service={name}" for name in names]
    # A role that is named twice is replaced whole, so each stands there once.
    assert c.JupyterHub.load_roles[1:] == (
        [
            {"name": "user", "scopes": ["self", *scopes]},
            {"name": "server", "scopes": ["users:activity!user", "access:servers!server", *scopes]},
        ]
        if names
        else []
    )


@pytest.mark.parametrize(
    ("settings", "secrets", "says"),
    [
        ({"dask": {"other": 1}}, TOKENS, "dask.url is missing"),
        (DASK, {}, f"{GATEWAY_TOKEN} is not set"),
        ({"launcher": {"other": 1}}, TOKENS, "launcher.url is missing"),
        (LAUNCHER, {GATEWAY_TOKEN: "t"}, f"{LAUNCHER_TOKEN} is not set"),
    ],
)
def test_a_hub_without_address_or_token_says_so(settings: dict[str, Any], secrets: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        services.configure(hub(), Settings(settings), Secrets(secrets))

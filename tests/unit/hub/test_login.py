"""The login settings of every shipped env, and that the hub's values hold nothing the test hub does not understand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modules.config.load import list_envs, load_env
from modules.k8s.jupyterhub.login import login
from modules.k8s.jupyterhub.refs import SECRET_KEYS, HubRefs
from modules.k8s.jupyterhub.values import hub_values
from tests.hub.support.chart import UnknownValue, translate

ROOT = Path(__file__).resolve().parents[3]
_REFS = HubRefs(tuple(SECRET_KEYS.values()), "r", "d", client_id="c", cognito_domain_url="https://pool")

EXPECTED: dict[str, dict[str, Any]] = {
    "dandi": {
        "kind": "github",
        "callback_url": "https://hub.dandiarchive.org/hub/oauth_callback",
        "logout_url": "https://hub.dandiarchive.org/hub/login",
        "dandi_servers": ["https://api.dandiarchive.org", "https://api-dandi.emberarchive.org"],
        "pass_identity": True,
    },
    "bican": {"kind": "github", "teams": ["brain-bican:kbhub-users"], "dandi_servers": [], "scopes": ["read:org"], "pass_identity": False},
    "helio": {"kind": "cognito", "domain_url": "https://pool", "groups_claim": "cognito:groups", "members_enter": True},
    "daft": {"kind": "auth0", "domain_url": "https://dev-kn2voyk3.us.auth0.com", "scopes": ["openid", "email"]},
    "addf": {
        "kind": "oidc",
        "issuer": "https://login.example-addf.org/realms/addf",
        "username_claim": "preferred_username",
        "groups_claim": "groups",
        "allowed_groups": ["simulation"],
    },
    "demo": {"kind": "github", "admins": ["ada"], "allowed": ["grace", "katherine"], "client_id": "c"},
}


@pytest.mark.parametrize("env", EXPECTED)
def test_login_of_an_env(env: str) -> None:
    found = login(load_env(ROOT, env), client_id="c", cognito_domain_url="https://pool")
    assert {key: found[key] for key in EXPECTED[env]} == EXPECTED[env]
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("env", list_envs(ROOT))
def test_the_test_hub_understands_every_value(env: str) -> None:
    values = hub_values(load_env(ROOT, env), _REFS)
    assert translate(values).snippets[0][0] == "00-hubsmith"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("hub.extraConfigs", {}.fromkeys(["00"], "x")),
        ("singleuser.defaultURL", "/lab"),
        ("singleuser.profileList", [{}]),
        ("cull.timeoutSeconds", 3),
        ("hub.db.type", "postgres"),
        ("singleuser.cloudMetadata.blockWithIptables", True),
    ],
)
def test_a_value_the_test_hub_does_not_understand_is_an_error(path: str, value: Any) -> None:
    values = hub_values(load_env(ROOT, "demo"), _REFS)
    *parents, last = path.split(".")
    node = values
    for key in parents:
        node = node.setdefault(key, {})
    node[last] = value
    with pytest.raises(UnknownValue, match=last):
        translate(values)

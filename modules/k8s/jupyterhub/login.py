"""The login settings of the hub (`custom.hubsmith.login`), which modules/hub/configure.py reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modules.config.auth import Auth0Auth, CognitoAuth, DummyAuth, GithubAuth, OidcAuth
from modules.config.models import HubConfig

#: Where Cognito puts a user's groups in its tokens.
_COGNITO_GROUPS = "cognito:groups"


def login(config: HubConfig, *, client_id: str, cognito_domain_url: str | None) -> dict[str, Any]:
    """Who may log in to the hub of `config`, and where the login is. Holds no secret.

    client_id: of the OAuth client; Terraform's for Cognito. cognito_domain_url: `https://…` of the pool's hosted login.
    """
    auth = config.auth
    common: dict[str, Any] = {"kind": auth.kind, "admins": list(auth.admins), "allowed": list(auth.allowed)}
    if isinstance(auth, DummyAuth):
        return common
    return {
        **common,
        "client_id": client_id,
        "callback_url": config.callback_url,
        "logout_url": logout_url(config),
        "scopes": list(auth.scopes),
        **_own(auth, cognito_domain_url),
    }


def logout_url(config: HubConfig) -> str:
    """Where a login service sends people after logging out.

    Not the hub's own /hub/logout, which would send them back to the service for ever.
    """
    return f"{config.hub_url}/hub/login"


def _own(auth: GithubAuth | Auth0Auth | CognitoAuth | OidcAuth, cognito_domain_url: str | None) -> Mapping[str, Any]:
    if isinstance(auth, GithubAuth):
        return {
            "orgs": list(auth.allow.orgs),
            "teams": list(auth.allow.teams),
            "dandi_servers": list(auth.allow.dandi_registered),
            "pass_identity": auth.pass_identity,
        }
    if isinstance(auth, Auth0Auth):
        return {"domain_url": f"https://{auth.domain}"}
    if isinstance(auth, CognitoAuth):
        return {
            "domain_url": cognito_domain_url,
            "groups_claim": _COGNITO_GROUPS,
            # A pool without self sign-up holds only whom an operator invited, so being in it is being on a list.
            "members_enter": not auth.self_sign_up and not auth.allowed,
        }
    return {
        "issuer": auth.issuer,
        "username_claim": auth.username_claim,
        "groups_claim": auth.groups_claim,
        "allowed_groups": list(auth.allowed_groups),
    }

"""Envs whose users are somebody else's: who manages them, and where hub.yaml says who enters."""

from __future__ import annotations

from modules.common.errors import HubError
from modules.config.auth import Auth0Auth, GithubAuth, OidcAuth
from modules.config.models import HubConfig


def elsewhere(config: HubConfig) -> HubError:
    """The refusal for an env whose login is not Cognito."""
    auth = config.auth
    file = f"envs/{config.env}/hub.yaml"
    lists = f"who enters stands in {file}: auth.admins, auth.allowed"
    if isinstance(auth, GithubAuth):
        owners = (*auth.allow.orgs, *auth.allow.teams)
        more = ", auth.allow" if owners or auth.allow.dandi_registered else ""
        keepers = f"GitHub, and by the owners of {', '.join(owners)}" if owners else "GitHub"
        return _refusal(config, keepers, f"{lists}{more}")
    if isinstance(auth, Auth0Auth):
        return _refusal(config, f"the Auth0 tenant {auth.domain}", lists)
    if isinstance(auth, OidcAuth):
        return _refusal(config, auth.issuer, f"{lists}, auth.allowed_groups")
    return HubError(f"{config.env} lets anybody in with any password (auth.kind dummy), so it has no users to manage", fix=lists)


def _refusal(config: HubConfig, keepers: str, fix: str) -> HubError:
    return HubError(f"the users of {config.env} are managed by {keepers}, not by a Cognito pool of ours", fix=fix)

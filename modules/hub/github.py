"""Login with GitHub: lists, organisations and teams first, then registration with a DANDI archive."""

from __future__ import annotations

from typing import Any

from oauthenticator.github import GitHubOAuthenticator
from tornado import web
from tornado.httpclient import HTTPClientError
from traitlets import Dict, List, Unicode

from . import fetch, identity, pages
from .courtesy import Courteous
from .dandi import Registry, Verdict, site
from .refusals import refusal
from .settings import DANDI_TOKENS, Secrets, Settings


class DandiGitHubOAuthenticator(Courteous, GitHubOAuthenticator):  # type: ignore[misc]
    """GitHub's own rules, then the archives'."""

    dandi_servers = List(Unicode(), config=True, help="Base addresses of DANDI API servers whose users may enter.")
    dandi_tokens = Dict(config=True, help="API tokens by server.")

    def build_auth_state_dict(self, token_info: dict[str, Any], user_info: dict[str, Any]) -> dict[str, Any]:
        """As the parent; GitHub separates granted scopes with commas, and the parent looks for spaces."""
        state: dict[str, Any] = super().build_auth_state_dict(token_info, user_info)
        state["scope"] = [scope for part in state["scope"] for scope in part.split(",") if scope]
        return state

    async def update_auth_model(self, auth_model: dict[str, Any]) -> dict[str, Any]:
        """As the parent; a login does not fail because a private e-mail address could not be read."""
        auth_model["auth_state"][self.user_auth_state_key].setdefault("email", None)
        try:
            return await super().update_auth_model(auth_model)
        except HTTPClientError as error:
            self.log.warning("GitHub gave no e-mail address for %s (%s)", auth_model["name"], error.code)
            return {**auth_model, "admin": bool(auth_model["admin"])}

    async def also_allowed(self, username: str, auth_model: dict[str, Any]) -> bool:
        """Whether an archive knows the user. Raises a 503 when that cannot be said."""
        if not self.dandi_servers:
            return False
        verdict = await Registry(self.dandi_servers, self.dandi_tokens, fetch.get).look_up(username)
        self.log.info("DANDI on %s: %s", username, verdict.value)
        if verdict is Verdict.UNAVAILABLE:
            raise refusal(pages.registry_unavailable(username))
        return verdict is Verdict.REGISTERED

    def refused(self, username: str) -> web.HTTPError:
        """With archives: where to register."""
        if not self.dandi_servers:
            return super().refused(username)
        return refusal(pages.not_registered(username, [site(server) for server in self.dandi_servers]))


def configure(c: Any, login: Settings, secrets: Secrets) -> None:
    """Settings of kind github. Raises SettingsError."""
    c.JupyterHub.authenticator_class = DandiGitHubOAuthenticator
    mine = c.DandiGitHubOAuthenticator
    mine.allowed_organizations = {*login.names("orgs"), *login.names("teams")}
    mine.dandi_servers = [server.rstrip("/") for server in login.names("dandi_servers")]
    if mine.dandi_servers:
        mine.dandi_tokens = secrets.by_server(DANDI_TOKENS)
        c.JupyterHub.template_vars = {"announcement_login": "Log in with the GitHub account that you registered with the archive."}
    if login.flag("pass_identity"):
        c.Authenticator.enable_auth_state = True
        c.Spawner.auth_state_hook = identity.hook

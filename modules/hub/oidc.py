"""Login with any OpenID Connect provider."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from oauthenticator.generic import GenericOAuthenticator
from traitlets import Unicode

from . import claims
from .courtesy import Courteous
from .discovery import discover
from .settings import Secrets, Settings


class ProviderOAuthenticator(Courteous, GenericOAuthenticator):  # type: ignore[misc]
    """A provider found by discovery, and its groups."""

    groups_claim = Unicode("", config=True, help="The claim that lists a user's groups.")

    async def get_user_groups(self, auth_state: dict[str, Any]) -> set[str]:
        """From the userinfo answer, else the id token: providers differ in where they put them."""
        return set(claims.groups(auth_state, self.groups_claim, self.user_auth_state_key))


def configure(c: Any, login: Settings, secrets: Secrets) -> None:
    """Settings of kind oidc. Raises SettingsError, also when the provider cannot be asked."""
    found = discover(login.text("issuer"))
    c.JupyterHub.authenticator_class = ProviderOAuthenticator
    mine = c.ProviderOAuthenticator
    mine.login_service = "your organisation"
    mine.authorize_url, mine.token_url, mine.userdata_url = found.authorize, found.token, found.userinfo
    mine.basic_auth = found.basic_auth
    mine.username_claim = login.text("username_claim")
    mine.email_must_be_verified = mine.username_claim == "email"
    if groups_claim := login.optional_text("groups_claim"):
        mine.groups_claim = groups_claim
        c.Authenticator.manage_groups = True
        c.Authenticator.enable_auth_state = True
        mine.allowed_groups = set(login.names("allowed_groups"))
    if found.end_session:
        back = urlencode({"client_id": login.text("client_id"), "post_logout_redirect_uri": login.text("logout_url")})
        mine.logout_redirect_url = f"{found.end_session}?{back}"

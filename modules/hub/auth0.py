"""Login with Auth0: users are named by their verified e-mail address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from oauthenticator.auth0 import Auth0OAuthenticator

from .courtesy import Courteous
from .settings import Secrets, Settings


class HubAuth0OAuthenticator(Courteous, Auth0OAuthenticator):  # type: ignore[misc]
    """Auth0's own rules, with our pages."""


def configure(c: Any, login: Settings, secrets: Secrets) -> None:
    """Settings of kind auth0. Raises SettingsError."""
    base = login.text("domain_url").rstrip("/")
    c.JupyterHub.authenticator_class = HubAuth0OAuthenticator
    mine = c.HubAuth0OAuthenticator
    mine.auth0_domain = base.partition("://")[2]
    mine.authorize_url = f"{base}/authorize"
    mine.token_url = f"{base}/oauth/token"
    mine.userdata_url = f"{base}/userinfo"
    mine.username_claim = "email"
    mine.email_must_be_verified = True
    # Without these two Auth0 ends its session on a page of its own, from which nothing leads back.
    back = urlencode({"client_id": login.text("client_id"), "returnTo": login.text("logout_url")})
    mine.logout_redirect_url = f"{base}/v2/logout?{back}"

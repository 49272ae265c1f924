"""Login with the env's own Cognito user pool."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from oauthenticator.generic import GenericOAuthenticator
from traitlets import Bool, Unicode

from . import claims
from .courtesy import Courteous
from .settings import Secrets, Settings


class PoolOAuthenticator(Courteous, GenericOAuthenticator):  # type: ignore[misc]
    """Members of a user pool, and their groups."""

    members_enter = Bool(False, config=True, help="Let in every member of the pool; right where operators alone make members.")
    groups_claim = Unicode("", config=True, help="The claim that lists a user's groups.")

    async def get_user_groups(self, auth_state: dict[str, Any]) -> set[str]:
        """From the id token, because Cognito's userinfo answer carries no groups."""
        return set(claims.groups(auth_state, self.groups_claim, self.user_auth_state_key))

    async def also_allowed(self, username: str, auth_model: dict[str, Any]) -> bool:
        """Membership of the pool, where that is the list."""
        return bool(self.members_enter)


def configure(c: Any, login: Settings, secrets: Secrets) -> None:
    """Settings of kind cognito. Raises SettingsError.

    The name is the e-mail address: the pool's own `username` is a random id where people log in by address, and nobody could
    write such ids into a list of admins. A user may change the address, so it counts only once verified.
    """
    base = login.text("domain_url").rstrip("/")
    c.JupyterHub.authenticator_class = PoolOAuthenticator
    mine = c.PoolOAuthenticator
    mine.login_service = "AWS Cognito"
    mine.authorize_url = f"{base}/oauth2/authorize"
    mine.token_url = f"{base}/oauth2/token"
    mine.userdata_url = f"{base}/oauth2/userInfo"
    mine.basic_auth = True
    mine.username_claim = "email"
    mine.email_must_be_verified = True
    mine.members_enter = login.flag("members_enter")
    mine.groups_claim = login.text("groups_claim")
    c.Authenticator.manage_groups = True
    # Groups are read anew whenever tokens are, which needs the tokens kept.
    c.Authenticator.enable_auth_state = True
    # Without it a click on "log in" after logging out would come straight back in. Cognito takes only an address it was told.
    back = urlencode({"client_id": login.text("client_id"), "logout_uri": login.text("logout_url")})
    mine.logout_redirect_url = f"{base}/logout?{back}"

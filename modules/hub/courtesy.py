"""What every OAuth login of ours adds to its parent: pages that say why, patience with an outage, admins by the list alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from oauthenticator.oauth2 import OAuthenticator
from tornado import web
from tornado.httpclient import HTTPClientError
from traitlets import Bool

from . import claims, pages
from .refusals import refusal

#: What tornado's two HTTP clients raise when a service is away.
_AWAY = (OSError, json.JSONDecodeError)
#: For whom ./hub verify starts servers (modules/common/verifying.py names the same). Made by a service and never logged in.
TEST_USER = "hubsmith.verify"


class Courteous(OAuthenticator):  # type: ignore[misc]
    """Mixed in before a service's own authenticator."""

    email_must_be_verified = Bool(False, config=True, help="Refuse an e-mail address that the login service does not vouch for.")

    async def authenticate(self, handler: Any, data: Any = None, **kwargs: Any) -> Any:
        """As the parent; a service that is away gives a 503 and a refused login a 400, both with a page."""
        try:
            return await super().authenticate(handler, data, **kwargs)
        except HTTPClientError as error:
            page = pages.service_unavailable if error.code >= 500 else pages.login_failed
            raise refusal(page(self.login_service)) from None
        except _AWAY:
            raise refusal(pages.service_unavailable(self.login_service)) from None

    async def httpfetch(self, url: str, *args: Any, **kwargs: Any) -> Any:
        """As the parent; a service that fails is never taken for one that says no, such as to a question of membership."""
        answer = await super().httpfetch(url, *args, **kwargs)
        if getattr(answer, "code", 200) >= 500:
            raise HTTPClientError(answer.code)
        return answer

    async def refresh_user(self, user: Any, handler: Any = None, **kwargs: Any) -> Any:
        """As the parent; while the service is away a user who is logged in stays so. The test user has no login to refresh."""
        if user.name == TEST_USER:
            return True
        try:
            return await super().refresh_user(user, handler, **kwargs)
        except (HTTPClientError, *_AWAY) as error:
            self.log.warning("%s does not answer (%s); %s stays logged in", self.login_service, type(error).__name__, user.name)
            return True

    def user_info_to_username(self, user_info: Mapping[str, Any]) -> str:
        """The user's name; a missing claim is a page, and nothing of the user's data is logged."""
        if not callable(self.username_claim) and not user_info.get(self.username_claim):
            raise refusal(pages.claim_missing(self.login_service, self.username_claim))
        return str(super().user_info_to_username(user_info))

    async def update_auth_model(self, auth_model: dict[str, Any]) -> dict[str, Any]:
        """As the parent; who is not on the list of admins is none, so that taking a name off the list takes effect."""
        updated: dict[str, Any] = await super().update_auth_model(auth_model)
        updated["admin"] = bool(updated["admin"])
        return updated

    async def check_allowed(self, username: str, auth_model: dict[str, Any]) -> bool:
        """As the parent, or by a rule of our own; who is refused sees why. Raises tornado's HTTPError."""
        if username == TEST_USER:
            # Nobody's login is refreshed under that name, so nobody logs in under it.
            raise self.refused(username)
        user = auth_model["auth_state"][self.user_auth_state_key]
        if self.email_must_be_verified and not claims.email_is_verified(user):
            raise refusal(pages.email_unverified(self.login_service))
        try:
            if await super().check_allowed(username, auth_model) or await self.also_allowed(username, auth_model):
                return True
        except (HTTPClientError, *_AWAY):
            raise refusal(pages.service_unavailable(self.login_service)) from None
        raise self.refused(username)

    async def also_allowed(self, username: str, auth_model: dict[str, Any]) -> bool:
        """A further rule, asked only about users whom no list lets in."""
        return False

    def refused(self, username: str) -> web.HTTPError:
        """The page for a user whom no rule lets in."""
        return refusal(pages.not_allowed(username, self.login_service))

"""The one call of the hub's configuration: applies the settings that the release carries."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from . import services
from .settings import CLIENT_SECRET, COOKIE_SECRET, CRYPT_KEY, Secrets, Settings, SettingsError


def configure(c: Any, settings: Any, environment: Mapping[str, str] = os.environ) -> None:
    """Set login, secrets, profiles, public address and services on `c`, JupyterHub's configuration.

    settings: `custom.hubsmith` of the chart's values. Exits with one sentence when the hub must not start with them: a
    traceback would hide it in the hub's log.
    """
    try:
        if not isinstance(settings, Mapping):
            raise SettingsError("custom.hubsmith is missing from the chart's values")
        _apply(c, Settings(settings), Secrets(environment))
    except SettingsError as error:
        raise SystemExit(f"hubsmith: the hub does not start: {error}.") from None


def _apply(c: Any, settings: Settings, secrets: Secrets) -> None:
    login = settings.part("login")
    public_url = settings.optional_text("public_url")
    c.JupyterHub.cookie_secret = secrets.key(COOKIE_SECRET)
    if public_url:
        c.JupyterHub.public_url = public_url
    c.Authenticator.admin_users = login.people("admins")
    c.Authenticator.allowed_users = login.people("allowed")
    # Having been let in once is no reason: a name taken off a list stays out.
    c.Authenticator.allow_existing_users = False
    _login(c, login, secrets, public_url)
    if c.Authenticator.get("enable_auth_state"):
        c.CryptKeeper.keys = [secrets.key(CRYPT_KEY)]
    _profiles(c, settings)
    services.configure(c, settings, secrets)


def _login(c: Any, login: Settings, secrets: Secrets, public_url: str | None) -> None:
    kind = login.text("kind")
    if kind == "dummy":
        from . import dummy

        dummy.configure(c, login, public_url)
        return
    c.OAuthenticator.client_id = login.text("client_id")
    c.OAuthenticator.client_secret = secrets.text(CLIENT_SECRET)
    c.OAuthenticator.oauth_callback_url = login.text("callback_url")
    c.OAuthenticator.scope = login.names("scopes")
    c.OAuthenticator.allow_all = False
    # Says that there are rules: JupyterHub does not see ours, and would warn that nobody can log in.
    c.Authenticator.any_allow_config = True
    c.OAuthenticator.custom_403_message = "This hub does not let that account in. Ask the people who run it."
    if kind == "github":
        from .github import configure as apply
    elif kind == "auth0":
        from .auth0 import configure as apply
    elif kind == "cognito":
        from .cognito import configure as apply
    elif kind == "oidc":
        from .oidc import configure as apply
    else:
        raise SettingsError(f"{login.where}.kind is none of github, auth0, cognito, oidc, dummy")
    apply(c, login, secrets)


def _profiles(c: Any, settings: Settings) -> None:
    from .profiles import by_user

    profiles = settings.values.get("profiles")
    if not isinstance(profiles, list) or not profiles:
        raise SettingsError(f"{settings.where}.profiles is missing or empty")
    c.KubeSpawner.profile_list = by_user(profiles)

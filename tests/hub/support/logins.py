"""Login services as the hub meets them: GitHub, Auth0, Cognito, and any OpenID Connect provider."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from typing import Any
from urllib.parse import urlencode

from tests.hub.support.site import Reply, Request, Site, redirect

_COOKIE = "service-session"


class LoginService(Site):
    """The code flow with PKCE: a page of users to click on, a token for the right client, the user's claims for the token.

    users: claims by the text of their link. callback: the one address a code is sent to. sessions: whether the service
    remembers who logged in, as hosted logins do. tokens: users by token. failing: the status that a path fails
    with.
    """

    authorize, token, userinfo, logout = "/authorize", "/oauth/token", "/userinfo", "/v2/logout"
    sessions = False
    basic = False
    back = "returnTo"

    def __init__(self, client_id: str, client_secret: str, users: dict[str, dict[str, Any]]) -> None:
        self.client_id, self.client_secret, self.users = client_id, client_secret, users
        self.callback = self.back_url = ""
        self.failing: dict[str, int] = {}
        self._codes: dict[str, tuple[str, str]] = {}
        self.tokens: dict[str, str] = {}
        super().__init__()

    def answer(self, request: Request) -> Reply:
        if request.path in self.failing:
            return Reply(self.failing[request.path], "<h1>Told to fail</h1>")
        routes = {self.authorize: self._authorize, self.token: self._token, self.userinfo: self._userinfo, self.logout: self._logout}
        found = routes.get(request.path)
        return found(request) if found else self.other(request)

    def other(self, request: Request) -> Reply:
        """Whatever one service has beyond the four."""
        return Reply(404, {"message": "Not Found"})

    def claims(self, user: str) -> dict[str, Any]:
        """What the userinfo answer says."""
        return self.users[user]

    def id_claims(self, user: str) -> dict[str, Any]:
        """What the id token says beyond."""
        return self.users[user]

    def bearer(self, request: Request) -> str | None:
        """The user whose token the request carries."""
        return self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))

    def _authorize(self, request: Request) -> Reply:
        query = request.query
        if query.get("client_id") != self.client_id or query.get("redirect_uri") != self.callback:
            return Reply(400, "<h1>This client or callback is not registered here</h1>")
        user = query.get("as") or (request.cookies.get(_COOKIE) if self.sessions else None)
        if not user:
            links = (f'<li><a href="{self.authorize}?{urlencode({**query, "as": name})}">{name}</a></li>' for name in self.users)
            return Reply(200, f"<title>Choose an account</title><ul>{''.join(links)}</ul>")
        code = secrets.token_hex(8)
        self._codes[code] = (user, query.get("code_challenge", ""))
        cookie = {"Set-Cookie": f"{_COOKIE}={user}; Path=/"} if self.sessions else {}
        return redirect(f"{self.callback}?{urlencode({'code': code, 'state': query['state']})}", **cookie)

    def _token(self, request: Request) -> Reply:
        form = request.form
        expected = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        by_header = request.headers.get("authorization") == f"Basic {expected}"
        by_form = (form.get("client_id"), form.get("client_secret")) == (self.client_id, self.client_secret)
        if not (by_header if self.basic else by_form):
            return Reply(401, {"error": "invalid_client"})
        user, challenge = self._codes.pop(form.get("code", ""), ("", ""))
        digest = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        if not user or challenge not in {"", digest}:
            return Reply(400, {"error": "invalid_grant"})
        token = secrets.token_hex(8)
        self.tokens[token] = user
        return Reply(200, self.token_answer(token, user))

    def token_answer(self, token: str, user: str) -> dict[str, Any]:
        """The body of a token answer."""
        claims = {**self.id_claims(user), "aud": self.client_id, "exp": int(time.time()) + 3600}
        return {"access_token": token, "token_type": "Bearer", "id_token": _jwt(claims), "scope": "openid email"}

    def _userinfo(self, request: Request) -> Reply:
        user = self.bearer(request)
        return Reply(200, self.claims(user)) if user else Reply(401, {"error": "invalid_token"})

    def _logout(self, request: Request) -> Reply:
        if request.query.get("client_id") != self.client_id or request.query.get(self.back) != self.back_url:
            return Reply(400, "<h1>This logout address is not registered here</h1>")
        return redirect(self.back_url, **{"Set-Cookie": f"{_COOKIE}=; Path=/; Max-Age=0"})


class GitHub(LoginService):
    """Granted scopes with commas, a private e-mail address, organisations. members: users by organisation or org:team."""

    authorize, token, userinfo, logout = "/login/oauth/authorize", "/login/oauth/access_token", "/api/v3/user", "/none"

    def __init__(self, client_id: str, client_secret: str, users: dict[str, dict[str, Any]], members: dict[str, set[str]]) -> None:
        self.members = members
        super().__init__(client_id, client_secret, users)

    def token_answer(self, token: str, user: str) -> dict[str, Any]:
        return {"access_token": token, "token_type": "bearer", "scope": "read:user,user:email"}

    def claims(self, user: str) -> dict[str, Any]:
        return {"login": user, "id": 1, "email": None, **self.users[user]}

    def other(self, request: Request) -> Reply:
        user = self.bearer(request)
        if request.path == "/api/v3/user/emails" and user:
            return Reply(200, [{"email": f"{user}@example.org", "primary": True, "verified": True}])
        parts = request.path.removeprefix("/api/v3/orgs/").split("/")
        group = f"{parts[0]}:{parts[2]}" if len(parts) == 5 else parts[0]
        return Reply(204) if parts[-1] in self.members.get(group, ()) else Reply(404, {"message": "Not Found"})


class Auth0(LoginService):
    """Ends its session at /v2/logout."""

    sessions = True


class Cognito(LoginService):
    """Groups in tokens alone, `email_verified` as text, and the client's secret in the header."""

    authorize, token, userinfo, logout = "/oauth2/authorize", "/oauth2/token", "/oauth2/userInfo", "/logout"
    sessions = basic = True
    back = "logout_uri"

    def claims(self, user: str) -> dict[str, Any]:
        found = {key: value for key, value in self.users[user].items() if key != "cognito:groups"}
        return {**found, "username": "0d8c2e1a", "email_verified": str(found["email_verified"]).lower()}


class Provider(LoginService):
    """OpenID Connect with discovery, below a path."""

    authorize, token, userinfo, logout = "/realms/addf/auth", "/realms/addf/token", "/realms/addf/userinfo", "/realms/addf/logout"
    sessions = basic = True
    back = "post_logout_redirect_uri"

    @property
    def issuer(self) -> str:
        return f"{self.url}/realms/addf"

    def other(self, request: Request) -> Reply:
        if request.path != "/realms/addf/.well-known/openid-configuration":
            return Reply(404, {})
        ends = {"authorization": self.authorize, "token": self.token, "userinfo": self.userinfo}
        found = {f"{name}_endpoint": f"{self.url}{path}" for name, path in ends.items()}
        return Reply(200, {"issuer": self.issuer, "end_session_endpoint": f"{self.url}{self.logout}", **found})


def _jwt(claims: dict[str, Any]) -> str:
    parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "signature"])

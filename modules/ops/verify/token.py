"""The token that --spawn acts with: a service of the hub that may start servers of one test user, and do nothing else.

The chart makes the service's token once and keeps it in its own Secret (hub.services.<name>, without apiToken), so that it
is in no file, state or Secrets Manager of ours; who may read Secrets of the hub's namespace is an administrator of the
cluster. Its role (hub.loadRoles) reaches one user, so that it opens nobody's server. Where a hub has no such service, a
token from its page /hub/token does, in the environment.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from modules.common.errors import HubError
from modules.common.verifying import SERVICE, USER
from modules.ops.verify.scene import Scene

#: A token of somebody's own instead.
VARIABLE = "HUB_VERIFY_TOKEN"
_SECRET, _KEY = "hub", f"hub.services.{SERVICE}.apiToken"


@dataclass(frozen=True)
class Pass:
    """A token, and the user whose server it may start. is_service: the user is the test user, whom nobody else uses."""

    token: str = field(repr=False)
    user: str
    is_service: bool


def find_pass(scene: Scene) -> Pass:
    """The token of the environment, else the service's. Raises HubError when there is none, or the hub does not know it."""
    _check_safe(scene)
    given = os.environ.get(VARIABLE, "").strip()
    token = given or _from_secret(scene)
    reply = scene.site.with_token(token).get("/hub/api/user")
    who = reply.json() or {}
    if reply.status != 200 or not who.get("name"):
        fix = f"take a new one at {scene.url}/hub/token" if given else f"./install.sh {scene.config.env} makes the service again"
        raise HubError(f"the hub does not know the token of {VARIABLE if given else f'its service {SERVICE}'}", fix=fix)
    is_service = who.get("kind") == "service"
    return Pass(token, USER if is_service else str(who["name"]), is_service)


def _check_safe(scene: Scene) -> None:
    """A token goes over TLS, or does not leave this machine; a hub without a name has nothing better than plain http."""
    place = urlsplit(scene.url)
    if scene.config.domain and place.scheme != "https" and place.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise HubError(f"a token is not sent to {place.netloc} in the clear", fix="say --url with https, or a port of this machine")


def _from_secret(scene: Scene) -> str:
    namespace = scene.config.hub.namespace
    found = scene.cluster.read(f"/api/v1/namespaces/{namespace}/secrets/{_SECRET}", "the Secret of the hub") or {}
    encoded = (found.get("data") or {}).get(_KEY)
    if not encoded:
        fix = f"./install.sh {scene.config.env}; or set {VARIABLE} to a token from {scene.url}/hub/token"
        raise HubError(f"the hub has no service {SERVICE} whose token could be used", fix=fix)
    return base64.b64decode(encoded).decode()

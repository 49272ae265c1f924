"""The login page: it offers the login of hub.yaml, and sends people to the right service with the right way back."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from modules.common.errors import HubError
from modules.config.auth import Auth0Auth, CognitoAuth, GithubAuth, OidcAuth
from modules.config.models import HubConfig
from modules.ops.verify.check import Check, Skipped
from modules.ops.verify.checks.dns import NOTHING_LISTENS
from modules.ops.verify.scene import Scene
from modules.ops.verify.web import Reply, Site

_OK, _REDIRECTS = 200, range(300, 400)
_GITHUB = "https://github.com/login/oauth/authorize"


def _run(scene: Scene) -> str:
    if scene.nothing_listens:
        raise Skipped(NOTHING_LISTENS)
    kind = scene.config.auth.kind
    page = scene.site.get("/hub/login")
    if page.status != _OK and page.status not in _REDIRECTS:
        raise HubError(f"/hub/login answers {page.status}", fix=f"kubectl logs -n {scene.config.hub.namespace} deploy/hub")
    if kind == "dummy":
        if "password" not in page.body:
            raise _other(scene, "the login page asks for no password, as kind dummy would")
        return "asks for any name (kind dummy)"
    reply = scene.site.get("/hub/oauth_login")
    if reply.status not in _REDIRECTS:
        raise _other(scene, f"the hub sends nobody to {kind}: /hub/oauth_login answers {reply.status}")
    _check_redirect(scene, reply, _authorize_url(scene.config))
    return f"sends people to {urlsplit(reply.headers['location']).netloc} ({kind})"


def _check_redirect(scene: Scene, reply: Reply, wanted: str) -> None:
    """The service, the client and the way back, as hub.yaml has them."""
    config, found = scene.config, reply.headers.get("location", "")
    place, query = found.partition("?")[0], parse_qs(urlsplit(found).query)
    if place != wanted:
        raise _other(scene, f"the hub sends people to {place or 'nowhere'} instead of {wanted}")
    client = getattr(config.auth, "client_id", "")
    if client and query.get("client_id") != [client]:
        raise _other(scene, f"the hub logs in as client {''.join(query.get('client_id', ['none']))} instead of {client}")
    if query.get("redirect_uri") != [config.callback_url]:
        raise _other(scene, f"the way back leads to {''.join(query.get('redirect_uri', ['nowhere']))} instead of {config.callback_url}")


def _authorize_url(config: HubConfig) -> str:
    """Where this kind of login begins. Raises HubError when an OpenID Connect provider does not say it."""
    auth = config.auth
    if isinstance(auth, GithubAuth):
        return _GITHUB
    if isinstance(auth, Auth0Auth):
        return f"https://{auth.domain}/authorize"
    if isinstance(auth, CognitoAuth):
        # The host of a pool's domain, as stack data makes it.
        return f"https://{auth.domain_prefix or config.deployment}.auth.{config.region}.amazoncognito.com/oauth2/authorize"
    assert isinstance(auth, OidcAuth)  # the one that is left: kind dummy has no redirect
    issuer = auth.issuer.rstrip("/")
    said = Site(issuer).get("/.well-known/openid-configuration")
    found = (said.json() or {}).get("authorization_endpoint") if said.status == _OK else None
    if not found:
        raise HubError(f"{issuer} does not say where its login is (discovery answers {said.status})", fix="correct auth.issuer in hub.yaml")
    return str(found)


def _other(scene: Scene, what: str) -> HubError:
    env = scene.config.env
    return HubError(what, fix=f"the hub runs with other settings than envs/{env}/hub.yaml: ./install.sh {env} brings it up to date")


LOGIN = Check("login", _run, after=("hub",))

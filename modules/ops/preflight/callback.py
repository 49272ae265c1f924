"""What has to be registered with the login provider, word for word, and whether the provider is where the file says.

The callback is derived from the domain, so that the two cannot disagree; what the provider has registered nobody can ask
without its password.
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

from modules.config.auth import Auth0Auth, CognitoAuth, DummyAuth, GithubAuth, OidcAuth
from modules.ops.preflight.check import Answer, Check, Context, Finding

_SECONDS = 5
_WELL_KNOWN = "/.well-known/openid-configuration"
#: What the hub needs of the provider's own description.
_NEEDED = ("authorization_endpoint", "token_endpoint")
#: There is nothing at that address. Any other refusal may be a firewall's, which says nothing of the provider.
_NOTHING_THERE = {404, 410}


def check_callback(context: Context) -> Answer:
    """Say the URLs; ask an OpenID Connect provider for its description, except in a rehearsal."""
    auth, url = context.config.auth, context.config.callback_url
    if isinstance(auth, DummyAuth):
        return Answer("no provider: anybody may log in")
    if url is None:
        what = f"{auth.kind} sends people back to the hub's name, and this env has no domain"
        return Answer("no callback", [Finding("error", "domain", what, "set domain, and dns for its zone")])
    findings: list[Finding] = []
    if isinstance(auth, CognitoAuth):
        return Answer(f"{url}, registered by us")
    if not auth.client_id:
        fix = f"register an application with {auth.kind}, callback {url}, and write its client id"
        findings.append(Finding("error", "auth.client_id", "is empty, so nobody can log in", fix))
    said = f"register {url}"
    if isinstance(auth, GithubAuth):
        return Answer(said, findings)
    said += f" and, for logging out, {context.config.hub_url}/hub/login"
    if context.is_rehearsal:
        return Answer(said, findings)
    where, issuer = _issuer(auth)
    try:
        body = fetch(issuer.rstrip("/") + _WELL_KNOWN)
    except urllib.error.HTTPError as error:
        if error.code not in _NOTHING_THERE:
            return Answer(said, findings, f"{issuer}: its own description ({error.code} {error.reason})")
        what = f"{issuer} has no OpenID configuration ({error.code} {error.reason})"
        findings.append(Finding("error", where, what, f"{issuer.rstrip('/')}{_WELL_KNOWN} must answer; correct {where}"))
        return Answer(said, findings)
    # Half an answer is an HTTPException; a proxy's or a name's odd spelling a ValueError.
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = getattr(error, "reason", "") or str(error) or type(error).__name__
        return Answer(said, findings, f"{issuer}: its own description (cannot be reached from here: {why})")
    return Answer(said, [*findings, *_judge(where, issuer, body)])


def fetch(url: str) -> bytes:
    """What stands at an https address. Raises OSError, HTTPError among them, HTTPException and ValueError."""
    with urllib.request.urlopen(url, timeout=_SECONDS) as answer:  # https only: the config takes no other issuer
        found: bytes = answer.read(1 << 20)
        return found


def _issuer(auth: Auth0Auth | OidcAuth) -> tuple[str, str]:
    """The field of hub.yaml, and the provider's address."""
    # Auth0's own issuer ends in a slash.
    return ("auth.domain", f"https://{auth.domain}/") if isinstance(auth, Auth0Auth) else ("auth.issuer", auth.issuer)


def _judge(where: str, issuer: str, body: bytes) -> Iterator[Finding]:
    try:
        found: Any = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        yield Finding("error", where, f"{issuer} answers with something that is no OpenID configuration", f"correct {where}")
        return
    missing = [name for name in _NEEDED if not found.get(name)]
    if missing:
        yield Finding("error", where, f"the OpenID configuration of {issuer} has no {' and no '.join(missing)}", f"correct {where}")
    said = str(found.get("issuer", ""))
    if said.rstrip("/") != issuer.rstrip("/"):
        yield Finding("error", where, f"the provider at {issuer} calls itself {said or 'nothing'}", f"write its own name into {where}")


CALLBACK = Check("callback", check_callback)

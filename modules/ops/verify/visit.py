"""A server of the hub, started for a test and stopped after it, whatever happens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from modules.common.errors import HubError
from modules.common.slugs import profile_slugs
from modules.config.hub import Profile
from modules.config.models import HubConfig
from modules.ops.verify.scene import Scene
from modules.ops.verify.token import Pass, find_pass
from modules.ops.verify.web import Reply, Site

#: The hub says something at least every 8 s while a server starts; a proxy may hold that back for a while.
_SILENCE_SECONDS = 120.0
_STOP_SECONDS = 120.0
_PAUSE_SECONDS = 0.5
_NOT_FOUND, _FIRST_ERROR = 404, 400


@dataclass(frozen=True)
class Server:
    """A running server. site: the hub, with the token; path: of the server; seconds: what the start took."""

    site: Site
    path: str
    profile: str
    seconds: float


@contextmanager
def visit(scene: Scene) -> Iterator[Server]:
    """Start a server, give it, stop it. Raises HubError when it does not start, or its user has one that is not ours."""
    profile, slug = _profile(scene.config, scene.options.profile)
    who = find_pass(scene)
    site, user = scene.site.with_token(who.token), quote(who.user, safe="")
    _make_room(site, who, user)
    started = time.monotonic()
    try:
        _started(site.ask("POST", f"/hub/api/users/{user}/server", {"profile": slug}), profile.name)
        _wait_until_ready(scene, site, user)
        yield Server(site, f"/user/{user}", profile.name, time.monotonic() - started)
    except BaseException:
        # Why it went wrong says more than that the server did not stop either.
        with suppress(HubError):
            _stop(site, user)
        raise
    _stop(site, user)


def _profile(config: HubConfig, wanted: str) -> tuple[Profile, str]:
    """The profile by name or slug, and its slug; the hub's default for "". Raises HubError for one that is not there."""
    profiles = config.hub.profiles
    for profile, slug in zip(profiles, profile_slugs([each.name for each in profiles]), strict=True):
        if wanted in (profile.name, slug) or (not wanted and profile.default):
            return profile, slug
    names = ", ".join(each.name for each in profiles)
    raise HubError(f'there is no profile "{wanted}"', fix=f"name one of: {names}")


def _make_room(site: Site, who: Pass, user: str) -> None:
    """The user exists and has no server. A test user's leftover, of a run that was killed, goes; a person's server does not."""
    reply = site.get(f"/hub/api/users/{user}")
    if reply.status == _NOT_FOUND and who.is_service:
        _check(site.ask("POST", f"/hub/api/users/{user}", {}), f"make the user {who.user}")
        return
    _check(reply, f"look at the user {who.user}")
    if "" not in _servers(reply):
        return
    if not who.is_service:
        raise HubError(f"{who.user} has a server running, which is not ours to stop", fix="stop it in the hub, then run this again")
    _stop(site, user)


def _started(reply: Reply, profile: str) -> None:
    said = str((reply.json() or {}).get("message", ""))
    if reply.status == _FIRST_ERROR and "profile" in said.lower():
        raise HubError(f'the test user may not have the profile "{profile}": {said}', fix="name a profile without groups (--profile)")
    _check(reply, "start a server")


def _check(reply: Reply, what: str) -> None:
    if reply.status >= _FIRST_ERROR:
        said = (reply.json() or {}).get("message") or "it says no more"
        raise HubError(f"the hub refuses to {what}: {reply.status}, {said}", fix="the hub's log says more: kubectl logs deploy/hub")


def _wait_until_ready(scene: Scene, site: Site, user: str) -> None:
    """Listen to the hub's own progress of the start. Raises HubError with the hub's last words when it fails."""
    words: list[str] = []
    deadline = time.monotonic() + scene.config.hub.singleuser.start_timeout_seconds + _SILENCE_SECONDS
    for event in site.events(f"/hub/api/users/{user}/server/progress", seconds=_SILENCE_SECONDS):
        if event.get("ready"):
            return
        words.append(str(event.get("message", "")))
        if event.get("failed") or time.monotonic() > deadline:
            break
    last = "; ".join(words[-2:]) or "it does not say why"
    fix = f"kubectl get events -n {scene.config.hub.namespace} --sort-by=.lastTimestamp | tail -20"
    raise HubError(f"the server did not start: {last}", fix=fix)


def _stop(site: Site, user: str) -> None:
    """Until it is gone. Raises HubError when it stays."""
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline:
        reply = site.get(f"/hub/api/users/{user}")
        found = _servers(reply).get("") if reply.status < _FIRST_ERROR else None
        if found is None:
            return
        if found.get("pending") != "stop":
            site.ask("DELETE", f"/hub/api/users/{user}/server")
        time.sleep(_PAUSE_SECONDS)
    raise HubError("the test server does not stop", fix="stop it on the hub's page /hub/admin")


def _servers(reply: Reply) -> dict[str, Any]:
    """By name, "" for the default one; those that neither run nor start nor stop left out."""
    found = (reply.json() or {}).get("servers") or {}
    return {name: server for name, server in found.items() if server.get("ready") or server.get("pending")}

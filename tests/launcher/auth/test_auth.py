"""Who may call: tokens of the launcher's own, a JupyterHub's, and nobody else."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.launcher.auth import make_authenticator
from modules.launcher.auth.jupyterhub import JupyterHub
from modules.launcher.auth.open import Open
from modules.launcher.auth.tokens import Tokens
from modules.launcher.errors import Forbidden, Unauthorized, Unavailable
from modules.launcher.protocols import ALL_SCOPES, READ, Principal
from modules.launcher.settings import parse
from modules.launcher.settings.auth import Auth
from tests.launcher.auth.hub import FakeHub, user

ALICE, BOB = "a" * 40, "b" * 40
NOBODY: dict[str, str] = {}


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def move(self, **amount: float) -> None:
        self.time += timedelta(**amount)


class Secrets:
    """A store with what it is given."""

    def __init__(self, **values: str) -> None:
        self.values = values

    def get(self, name: str, key: str | None = None) -> str:
        return self.values[name]


def auth(text: str) -> Auth:
    """The auth section of a settings file."""
    start = "secret_store: {secret_store_type: none}\nruntime: {runtime_type: eks, credentials: {in_cluster: true}}\n"
    found = parse(f"{start}auth: {text}", "x").auth
    assert found is not None
    return found


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def tokens(text: str, *, store: Any = None, environ: Mapping[str, str] = NOBODY, clock: Any = None) -> Tokens:
    return Tokens(auth(f"{{tokens: [{text}]}}").tokens, store or Secrets(), environ, clock or Clock())


HASHED = f"{{name: alice, sha256: {hashlib.sha256(ALICE.encode()).hexdigest()}}}"


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "token ", "Bearer   "])
def test_a_hashed_token_is_known(scheme: str) -> None:
    assert tokens(HASHED).authenticate({"authorization": scheme + ALICE}) == Principal("alice", False, ALL_SCOPES)


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, "carries no token"),
        ({"authorization": ""}, "carries no token"),
        ({"authorization": "Bearer"}, "carries no token"),
        ({"authorization": f"Basic {ALICE}"}, "carries no token"),
        ({"authorization": ALICE}, "carries no token"),
        (bearer(BOB), "not known"),
        (bearer(ALICE[:-1]), "not known"),
        (bearer(hashlib.sha256(ALICE.encode()).hexdigest()), "not known"),
        (bearer("x" * 5000), "is no token"),
        (bearer("schlüssel"), "is no token"),
        (bearer("a\nb"), "is no token"),
    ],
)
def test_anybody_else_is_unauthorized_and_their_token_is_not_repeated(headers: dict[str, str], said: str) -> None:
    with pytest.raises(Unauthorized, match=said) as refused:
        tokens(HASHED).authenticate(headers)
    token = headers.get("authorization", "").partition(" ")[2]
    assert not token or token not in refused.value.details


def test_each_source_gives_its_token(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("f" * 40 + "\n")
    who = tokens(
        f"{HASHED}, {{name: ci, secret: {{secret_name: ci-token}}, scopes: [processes:read]}}, "
        f"{{name: env, env: TOKEN}}, {{name: ops, file: {tmp_path}/token, admin: true}}",
        store=Secrets(**{"ci-token": "c" * 40}),
        environ={"TOKEN": "e" * 40},
    )
    found = [who.authenticate(bearer(letter * 40)) for letter in "acef"]
    assert found == [Principal("alice"), Principal("ci", False, frozenset({READ})), Principal("env"), Principal("ops", True)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{name: a, env: ABSENT}", "token of a cannot be read from the variable ABSENT"),
        ("{name: a, file: /nowhere/token}", "from the file /nowhere/token"),
        ("{name: a, secret: {secret_name: absent}}", "from the secret absent"),
        ("{name: a, env: SHORT}", "has 6 characters, fewer than 32"),
        ("{name: a, env: LONG}, {name: b, env: LONG}", "a and b have the same token"),
    ],
)
def test_a_token_that_cannot_serve_stops_the_start(text: str, said: str) -> None:
    with pytest.raises(HubError, match=said) as refused:
        tokens(text, environ={"SHORT": "sesame", "LONG": ALICE})
    assert "sesame" not in str(refused.value)


def test_a_rotated_token_is_taken_over_and_the_old_one_ends(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "token"
    path.write_text(ALICE)
    who = tokens(f"{{name: a, file: {path}}}", clock=clock)
    path.write_text(BOB)
    assert who.find(ALICE)
    clock.move(minutes=1)
    assert who.find(BOB)
    assert who.find(ALICE) is None


def test_a_token_file_that_vanishes_is_believed_for_a_while_and_then_is_no_bare_error(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "token"
    path.write_text(ALICE)
    who = tokens(f"{{name: a, file: {path}}}", clock=clock)
    path.unlink()
    clock.move(minutes=9)
    assert who.find(ALICE)
    clock.move(minutes=2)
    with pytest.raises(Unavailable):
        who.find(ALICE)


ACCESS = "access:services!service=launcher"


@pytest.mark.parametrize(
    ("model", "settings", "found"),
    [
        (user("alice", ACCESS), "", Principal("alice", False, ALL_SCOPES)),
        (user("alice", "access:services"), "", Principal("alice", False, ALL_SCOPES)),
        (user("root", ACCESS, admin=True), "", Principal("root", False, ALL_SCOPES)),
        (user("root", "admin:servers", admin=True), "", Principal("root", True, ALL_SCOPES)),
        (user("culler", ACCESS, kind="service"), "", Principal("service:culler", False, ALL_SCOPES)),
        (user("alice", "custom:launch:read"), "scopes: {read: ['custom:launch:read']}", Principal("alice", False, frozenset({READ}))),
        (user("alice", "access:services!service=run"), "service: run", Principal("alice", False, ALL_SCOPES)),
    ],
)
def test_the_hub_says_whose_a_token_is_and_its_scopes_what_it_may(model: dict[str, Any], settings: str, found: Principal) -> None:
    with FakeHub({ALICE: model}) as hub:
        who = JupyterHub(auth(f"{{jupyterhub: {{api_url: '{hub.url}', {settings}}}}}").jupyterhub)
        assert who.authenticate({"authorization": f"token {ALICE}"}) == found
    assert hub.asked == [f"token {ALICE}"]


@pytest.mark.parametrize(
    "scopes", [(), ("access:servers!server=alice/",), ("access:services!service=other",), ("admin:servers!user=alice",), ("read:users",)]
)
def test_a_token_whose_scopes_do_not_cover_the_launcher_is_forbidden(scopes: tuple[str, ...]) -> None:
    with (
        FakeHub({ALICE: user("alice", *scopes, admin=True)}) as hub,
        pytest.raises(Forbidden, match="needs the hub's scope access:services"),
    ):
        JupyterHub(auth(f"{{jupyterhub: {{api_url: '{hub.url}'}}}}").jupyterhub).authenticate(bearer(ALICE))


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        ((401, {}), Unauthorized, "not known"),
        ((403, {}), Unauthorized, "not known"),
        ((404, {}), Unauthorized, "not known"),
        ((500, {}), Unavailable, "answered 500"),
        ((503, {}), Unavailable, "answered 503"),
        ((200, "login page"), Unavailable, "cannot be asked"),
        ((200, []), Unavailable, "cannot be asked"),
        ((200, {"name": ""}), Unavailable, "cannot be asked"),
        ((302, {}), Unavailable, "answered 302"),
        (None, Unavailable, "cannot be asked"),
    ],
)
def test_a_hub_that_does_not_know_is_told_from_one_that_is_down(answer: Any, kind: type[Exception], said: str) -> None:
    with FakeHub({ALICE: answer}) as hub:
        url = hub.url if answer else "http://127.0.0.1:1/hub/api"
        who = JupyterHub(auth(f"{{jupyterhub: {{api_url: '{url}', timeout_seconds: 20}}}}").jupyterhub)
        with pytest.raises(kind, match=said) as refused:
            who.authenticate(bearer(ALICE))
    assert ALICE not in str(refused.value)
    assert len(hub.asked) <= 1, "a redirect is not followed: it would carry the token away"


def test_the_hub_s_answer_is_believed_for_a_short_while() -> None:
    clock = Clock()
    with FakeHub({ALICE: user("alice", ACCESS)}) as hub:
        who = JupyterHub(auth(f"{{jupyterhub: {{api_url: '{hub.url}', cache_seconds: 30}}}}").jupyterhub, clock=clock)
        for _ in range(5):
            who.authenticate(bearer(ALICE))
        assert len(hub.asked) == 1
        hub.models.clear()
        clock.move(seconds=29)
        assert who.authenticate(bearer(ALICE)).name == "alice"
        clock.move(seconds=2)
        with pytest.raises(Unauthorized):
            who.authenticate(bearer(ALICE))
        hub.models[ALICE] = user("alice", ACCESS)
        clock.move(seconds=3)
        assert who.authenticate(bearer(ALICE)).name == "alice"


def test_the_launcher_s_own_tokens_never_reach_the_hub() -> None:
    with FakeHub({BOB: user("bob", ACCESS)}) as hub:
        who = make_authenticator(
            auth(f"{{tokens: [{HASHED}], jupyterhub: {{api_url: '{hub.url}'}}}}"), Secrets(), host="0.0.0.0", is_open=False
        )
        assert [who.authenticate(bearer(token)).name for token in (ALICE, BOB)] == ["alice", "bob"]
    assert hub.asked == [f"token {BOB}"]


@pytest.mark.parametrize("settings", [None, "{}"])
def test_nobody_named_is_a_refusal_to_start(settings: str | None) -> None:
    with pytest.raises(HubError, match="do not say who may call"):
        make_authenticator(auth(settings) if settings else None, Secrets(), host="127.0.0.1", is_open=False)


@pytest.mark.parametrize(
    ("host", "settings", "said"),
    [
        ("0.0.0.0", None, "who can reach 0.0.0.0"),
        ("::", None, "who can reach ::"),
        ("10.1.2.3", None, "who can reach 10.1.2.3"),
        ("localhost.example.org", None, "who can reach"),
        ("127.0.0.1", f"{{tokens: [{HASHED}]}}", "leave out one of the two"),
    ],
)
def test_open_is_for_loopback_alone(host: str, settings: str | None, said: str) -> None:
    with pytest.raises(HubError, match=said):
        make_authenticator(auth(settings) if settings else None, Secrets(), host=host, is_open=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_open_on_loopback_takes_anybody(host: str) -> None:
    who = make_authenticator(None, Secrets(), host=host, is_open=True)
    assert isinstance(who, Open)
    assert who.authenticate({}).admin


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"host": "127.0.0.1:8000"}, True),
        ({"host": "localhost:8000", "origin": "http://localhost:8000"}, True),
        ({"host": "[::1]:8000"}, True),
        ({"host": "evil.example.org:8000"}, False),
        ({"host": "[bad"}, False),
        ({"host": "127.0.0.1:8000", "origin": "https://evil.example.org"}, False),
        ({"host": "127.0.0.1:8000", "origin": "http://127.0.0.1:3000"}, False),
        ({"host": "127.0.0.1:8000", "origin": "null"}, False),
    ],
)
def test_open_mode_takes_no_orders_from_web_pages(headers: dict[str, str], taken: bool) -> None:
    if taken:
        assert Open().authenticate(headers).name == "local"
        return
    with pytest.raises(Forbidden):
        Open().authenticate(headers)

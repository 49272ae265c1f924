"""The URL to register, word for word, and what an OpenID Connect provider says about itself."""

from __future__ import annotations

import http.client
import io
import json
import urllib.error
from email.message import Message
from typing import Any

import boto3
import pytest

from modules.ops.preflight import callback as callback_module
from modules.ops.preflight.callback import check_callback
from modules.ops.preflight.check import Answer
from tests.unit.ops_preflight.conftest import make_context

CALLBACK = "https://hub.lab.test/hub/oauth_callback"
GITHUB = {"kind": "github", "allowed": ["ada"], "client_id": "x"}
AUTH0 = {"kind": "auth0", "allowed": ["ada"], "client_id": "x", "domain": "team.auth0.com"}
OIDC = {"kind": "oidc", "allowed": ["ada"], "client_id": "x", "issuer": "https://login.lab.test/realm"}
GOOD = {"issuer": "https://login.lab.test/realm", "authorization_endpoint": "https://a", "token_endpoint": "https://t"}


def judged(session: boto3.Session, monkeypatch: pytest.MonkeyPatch, auth: dict[str, Any], answer: Any, **more: Any) -> Answer:
    def fetch(url: str) -> bytes:
        asked.append(url)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    asked: list[str] = []
    monkeypatch.setattr(callback_module, "fetch", fetch)
    found = check_callback(make_context(session, auth=auth, **more))
    assert all(url.endswith("/.well-known/openid-configuration") and "//." not in url for url in asked)
    return found


def status(code: int) -> urllib.error.HTTPError:
    return urllib.error.HTTPError("https://x", code, "no", Message(), io.BytesIO())


@pytest.mark.parametrize(
    ("auth", "answer", "said"),
    [
        (GITHUB, AssertionError("GitHub is asked nothing"), f"register {CALLBACK}"),
        ({"kind": "cognito", "self_sign_up": True}, AssertionError("ours is asked nothing"), f"{CALLBACK}, registered by us"),
        (OIDC, GOOD, f"register {CALLBACK} and, for logging out, https://hub.lab.test/hub/login"),
        (AUTH0, GOOD | {"issuer": "https://team.auth0.com/"}, f"register {CALLBACK} and, for logging out"),
    ],
)
def test_what_to_register(session: boto3.Session, monkeypatch: pytest.MonkeyPatch, auth: dict[str, Any], answer: Any, said: str) -> None:
    found = judged(session, monkeypatch, auth, answer)
    assert said in found.said
    assert (list(found.findings), found.unchecked) == ([], "")


def test_a_client_without_an_id(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    (finding,) = judged(session, monkeypatch, GITHUB | {"client_id": ""}, None).findings
    assert (finding.severity, finding.where) == ("error", "auth.client_id")
    assert CALLBACK in finding.fix


def test_nobody_at_all(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    changes: dict[str, Any] = {"domain": None, "dns": None}
    assert "no provider" in judged(session, monkeypatch, {"kind": "dummy"}, None, insecure=True, **changes).said
    (finding,) = judged(session, monkeypatch, GITHUB, None, **changes).findings
    assert (finding.severity, finding.where) == ("error", "domain")


@pytest.mark.parametrize(
    ("auth", "answer", "where", "what"),
    [
        (OIDC, status(404), "auth.issuer", "has no OpenID configuration (404 no)"),
        (AUTH0, status(410), "auth.domain", "has no OpenID configuration"),
        (OIDC, b"<html>", "auth.issuer", "no OpenID configuration"),
        (OIDC, GOOD | {"token_endpoint": ""}, "auth.issuer", "has no token_endpoint"),
        (OIDC, GOOD | {"issuer": "https://other.test"}, "auth.issuer", "calls itself https://other.test"),
    ],
)
def test_a_provider_that_is_elsewhere(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch, auth: dict[str, Any], answer: Any, where: str, what: str
) -> None:
    (finding,) = judged(session, monkeypatch, auth, answer).findings
    assert (finding.severity, finding.where) == ("error", where)
    assert what in finding.what


@pytest.mark.parametrize(
    "answer",
    [
        urllib.error.URLError("no route"),
        TimeoutError("slow"),
        status(503),
        status(429),
        status(403),
        status(407),
        http.client.IncompleteRead(b"{"),
        http.client.InvalidURL("a proxy without a port"),
        UnicodeError("label too long"),
    ],
)
def test_offline_nothing_is_red(session: boto3.Session, monkeypatch: pytest.MonkeyPatch, answer: Exception) -> None:
    found = judged(session, monkeypatch, OIDC, answer)
    assert list(found.findings) == []
    assert "https://login.lab.test/realm" in found.unchecked


def test_a_rehearsal_asks_nobody(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callback_module, "fetch", None)
    assert check_callback(make_context(session, auth=OIDC, is_rehearsal=True)).unchecked == ""

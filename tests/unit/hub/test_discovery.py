"""Discovery of an OpenID Connect provider: which documents are believed, and what is tried again."""

from __future__ import annotations

from email.message import Message
from typing import Any
from urllib.error import HTTPError, URLError

import pytest

from modules.hub.discovery import Endpoints, discover, read
from modules.hub.settings import SettingsError

_ISSUER = "https://login.example.org/realms/x"
_GOOD: dict[str, Any] = {
    "issuer": _ISSUER,
    "authorization_endpoint": f"{_ISSUER}/auth",
    "token_endpoint": f"{_ISSUER}/token",
    "userinfo_endpoint": f"{_ISSUER}/userinfo",
}


@pytest.mark.parametrize(
    ("more", "end_session", "basic"),
    [
        ({}, None, True),
        ({"end_session_endpoint": "https://x/logout"}, "https://x/logout", True),
        ({"token_endpoint_auth_methods_supported": ["client_secret_post"]}, None, False),
        ({"token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"]}, None, True),
        ({"issuer": f"{_ISSUER}/"}, None, True),
    ],
)
def test_a_good_document(more: dict[str, Any], end_session: str | None, basic: bool) -> None:
    expected = Endpoints(f"{_ISSUER}/auth", f"{_ISSUER}/token", f"{_ISSUER}/userinfo", end_session, basic)
    assert read({**_GOOD, **more}, _ISSUER) == expected


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({**_GOOD, "issuer": "https://evil.example.org"}, "another issuer"),
        ({}, "another issuer"),
        ([], "another issuer"),
        ({**_GOOD, "userinfo_endpoint": None}, "userinfo_endpoint"),
        ({**_GOOD, "token_endpoint": "http://login.example.org/token"}, "token_endpoint under https"),
    ],
)
def test_a_document_that_is_not_believed(document: Any, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        read(document, _ISSUER)


def _http(code: int) -> HTTPError:
    return HTTPError(_ISSUER, code, "", Message(), None)


@pytest.mark.parametrize(
    ("failures", "waits", "words"),
    [
        ([URLError("refused")], 1, ""),
        ([_http(503), TimeoutError()], 2, ""),
        ([ValueError("no json")], 1, ""),
        ([_http(404)], 0, "answers 404"),
        ([URLError("refused")] * 4, 3, "does not answer as JSON"),
        ([_http(500)] * 4, 3, "answers 500"),
    ],
)
def test_a_provider_that_is_away_is_asked_again(failures: list[Exception], waits: int, words: str) -> None:
    left, waited = list(failures), []

    def get(url: str) -> Any:
        assert url == f"{_ISSUER}/.well-known/openid-configuration"
        if left:
            raise left.pop(0)
        return _GOOD

    if words:
        with pytest.raises(SettingsError, match=words):
            discover(_ISSUER, get, (1.0, 2.0, 3.0), waited.append)
    else:
        assert discover(_ISSUER, get, (1.0, 2.0, 3.0), waited.append).authorize == f"{_ISSUER}/auth"
    assert waited == [1.0, 2.0, 3.0][:waits]

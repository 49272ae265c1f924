"""Settings and secrets: what is refused, by which words, and that no value is ever among them."""

from __future__ import annotations

from typing import Any

import pytest

from modules.hub.configure import configure
from modules.hub.settings import COOKIE_SECRET, CRYPT_KEY, DANDI_TOKENS, Secrets, Settings, SettingsError

_KEY = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        ("text", "x", "x"),
        ("optional_text", None, None),
        ("optional_text", "", None),
        ("names", None, []),
        ("names", ["a"], ["a"]),
        ("people", ["Ada", "ADA"], {"ada"}),
        ("flag", True, True),
    ],
)
def test_values(read: str, value: Any, expected: Any) -> None:
    assert getattr(Settings({"k": value}), read)("k") == expected


@pytest.mark.parametrize(
    ("read", "value"),
    [("text", ""), ("text", None), ("text", 1), ("names", "ada"), ("names", [1]), ("flag", "false"), ("flag", 1), ("part", [])],
)
def test_wrong_values_name_their_path(read: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=r"custom\.hubsmith\.k "):
        getattr(Settings({"k": value}), read)("k")


@pytest.mark.parametrize("value", ["", "xyz-s3cret", _KEY[:-1], _KEY + "0", "g" * 64])
def test_a_bad_key_is_named_and_not_shown(value: str) -> None:
    with pytest.raises(SettingsError, match=CRYPT_KEY) as caught:
        Secrets({CRYPT_KEY: value}).key(CRYPT_KEY)
    assert not value or value not in str(caught.value)


@pytest.mark.parametrize("value", ["", "s3cret", "[]", '["s3cret"]', '{"https://a": 1}'])
def test_bad_tokens_are_named_and_not_shown(value: str) -> None:
    with pytest.raises(SettingsError, match=DANDI_TOKENS) as caught:
        Secrets({DANDI_TOKENS: value}).by_server(DANDI_TOKENS)
    assert "s3cret" not in str(caught.value)


def test_good_secrets() -> None:
    secrets = Secrets({CRYPT_KEY: f" {_KEY}\n", DANDI_TOKENS: '{"https://api.a.org/": "t"}'})
    assert secrets.key(CRYPT_KEY) == bytes.fromhex(_KEY)
    assert secrets.by_server(DANDI_TOKENS) == {"https://api.a.org": "t"}
    assert _KEY not in repr(secrets)


class _Section(dict[str, Any]):
    """As traitlets' Config: sections by attribute, traits by either."""

    def __getattr__(self, name: str) -> Any:
        if name not in self:
            if not name[0].isupper():
                raise AttributeError(name)
            self[name] = _Section()
        return self[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


_PROFILES = [{"slug": "base", "display_name": "Base", "kubespawner_override": {}}]
_DUMMY = {"kind": "dummy", "admins": ["Ada"], "allowed": []}


def _settings(**changes: Any) -> dict[str, Any]:
    return {"public_url": None, "login": _DUMMY, "profiles": _PROFILES, **changes}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (None, "custom.hubsmith is missing"),
        (_settings(login=None), "custom.hubsmith.login is missing"),
        (_settings(login={"kind": "pam", "client_id": "c", "callback_url": "u"}), "none of github"),
        (_settings(public_url="https://hub.example.org"), "dummy lets anybody in"),
        (_settings(profiles=[]), "profiles is missing or empty"),
    ],
)
def test_a_hub_that_must_not_start_exits_with_one_sentence(settings: Any, words: str) -> None:
    with pytest.raises(SystemExit, match=words) as caught:
        configure(_Section(), settings, {COOKIE_SECRET: _KEY, "HUBSMITH_CLIENT_SECRET": "s"})
    assert str(caught.value.code).startswith("hubsmith: the hub does not start: ")


@pytest.mark.parametrize(("allowed", "everybody"), [([], True), (["Grace"], False)])
def test_dummy(allowed: list[str], everybody: bool) -> None:
    c = _Section()
    configure(c, _settings(login={**_DUMMY, "allowed": allowed}), {COOKIE_SECRET: _KEY})
    assert c.Authenticator == {
        "admin_users": {"ada"},
        "allowed_users": {name.lower() for name in allowed},
        "allow_existing_users": False,
        "allow_all": everybody,
    }
    assert c.JupyterHub.cookie_secret == bytes.fromhex(_KEY)
    assert callable(c.KubeSpawner.profile_list)

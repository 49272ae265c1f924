"""Who a user is: claims, groups, the profiles they see, and what notebooks are told."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace
from typing import Any

import pytest

from modules.hub import claims, identity, pages, profiles


def _token(value: Any) -> str:
    middle = base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    return f"head.{middle}.signature"


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (_token({"a": 1}), {"a": 1}),
        (_token({"ü": "ß" * 5}), {"ü": "ß" * 5}),
        (_token([1]), {}),
        ("a.b.c", {}),
        ("not-a-token", {}),
        ("", {}),
        (None, {}),
    ],
)
def test_claims_of_an_id_token(token: str | None, expected: dict[str, Any]) -> None:
    assert claims.of_id_token(token) == expected


@pytest.mark.parametrize(
    ("user", "in_token", "expected"),
    [
        ({"groups": ["b", "a", "b"]}, {}, ["a", "b"]),
        ({}, {"groups": ["a"]}, ["a"]),
        ({"groups": []}, {"groups": ["a"]}, []),
        ({"groups": "a"}, {}, ["a"]),
        ({"groups": {"a": 1}}, {}, []),
        ({}, {}, []),
        (None, {}, []),
    ],
)
def test_groups(user: Any, in_token: dict[str, Any], expected: list[str]) -> None:
    assert claims.groups({"oauth_user": user, "id_token": _token(in_token)}, "groups", "oauth_user") == expected


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ({"email_verified": True}, True),
        ({"email_verified": "true"}, True),
        ({"email_verified": "false"}, False),
        ({"email_verified": False}, False),
        ({"email_verified": 1}, False),
        ({}, False),
    ],
)
def test_only_a_verified_address_counts(user: dict[str, Any], expected: bool) -> None:
    assert claims.email_is_verified(user) is expected


_ALL = [{"slug": "open"}, {"slug": "gpu", "groups": ["gpu-users", "staff"]}, {"slug": "also-open", "groups": []}]


@pytest.mark.parametrize(
    ("groups", "admin", "expected"),
    [
        ([], False, ["open", "also-open"]),
        (["staff"], False, ["open", "gpu", "also-open"]),
        (["gpu"], False, ["open", "also-open"]),
        ([], True, ["open", "gpu", "also-open"]),
    ],
)
def test_profiles_of_a_user(groups: list[str], admin: bool, expected: list[str]) -> None:
    user = SimpleNamespace(groups=[SimpleNamespace(name=group) for group in groups], admin=admin)
    found = profiles.by_user(_ALL)(SimpleNamespace(user=user))
    assert [profile["slug"] for profile in found] == expected
    assert not any("groups" in profile for profile in found)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (
            {"access_token": "t", "github_user": {"login": "Ada", "email": "ada@x.org"}},
            {"GITHUB_TOKEN": "t", "GITHUB_USER": "Ada", "GITHUB_EMAIL": "ada@x.org"},
        ),
        ({"access_token": "t", "github_user": {"login": "Ada", "email": None}}, {"GITHUB_TOKEN": "t", "GITHUB_USER": "Ada"}),
        ({"access_token": "t"}, {"GITHUB_TOKEN": "t"}),
        ({}, {}),
        (None, {}),
    ],
)
def test_identity_of_a_notebook(state: Any, expected: dict[str, str]) -> None:
    spawner = SimpleNamespace(environment={"OTHER": "kept", "GITHUB_EMAIL": "old@x.org", "GITHUB_TOKEN": "old"})
    identity.hook(spawner, state)
    assert spawner.environment == {"OTHER": "kept", **expected}


@pytest.mark.parametrize(
    ("page", "status", "words"),
    [
        (pages.not_allowed("ada", "GitHub"), 403, "ask the people who run this hub"),
        (pages.not_registered("ada", ["https://a.org", "https://b.org"]), 403, 'Register at <a href="https://a.org">'),
        (pages.registry_unavailable("ada"), 503, "try again in a few minutes"),
        (pages.service_unavailable("GitHub"), 503, "nobody can log in"),
        (pages.login_failed("GitHub"), 400, "Log in again"),
        (pages.claim_missing("Auth0", "email"), 403, "did not tell this hub your email"),
        (pages.email_unverified("Auth0"), 403, "has not verified it"),
        (pages.no_profile(), 403, "members of a group"),
    ],
)
def test_pages_say_why_and_what_to_do(page: pages.Page, status: int, words: str) -> None:
    assert page.status == status
    assert words in page.html


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x>', "a&b"])
def test_a_name_is_never_markup(name: str) -> None:
    for page in (pages.not_allowed(name, name), pages.not_registered(name, [f"https://{name}"]), pages.registry_unavailable(name)):
        assert name not in page.html

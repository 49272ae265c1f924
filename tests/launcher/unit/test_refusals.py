"""Each answer of Kubernetes, and what its error becomes for the caller."""

from __future__ import annotations

import json

import pytest
from kubernetes.client import ApiClient, Configuration

from modules.launcher.errors import LauncherError
from modules.launcher.runtime.calls import Calls
from modules.launcher.runtime.refusals import is_taken, refusal


def body(reason: str = "", message: str = "said so") -> bytes:
    return json.dumps({"kind": "Status", "reason": reason, "message": message}).encode()


@pytest.mark.parametrize(
    ("status", "text", "headers", "becomes", "retry", "unsure"),
    [
        (400, body("BadRequest"), {}, 422, None, False),
        # Not 401: the caller's own token is good.
        (401, body("Unauthorized"), {}, 503, None, False),
        (403, body("Forbidden", "cannot create resource"), {}, 403, None, False),
        (403, body("Forbidden", 'pods "x" is forbidden: exceeded quota: compute'), {}, 429, 5, False),
        (404, body("NotFound"), {}, 404, None, False),
        (409, body("AlreadyExists"), {}, 409, None, False),
        (409, body("Conflict"), {}, 409, None, False),
        (422, body("Invalid"), {}, 422, None, False),
        (429, body("TooManyRequests"), {"Retry-After": "7"}, 429, 7, False),
        (429, b"slow down", {}, 429, 5, False),
        (410, body("Gone"), {}, 503, 5, False),
        (500, body("InternalError"), {}, 503, 5, True),
        (502, b"<html>", {}, 503, 5, True),
        (503, body("ServiceUnavailable"), {"Retry-After": "1"}, 503, 1, True),
        (504, b"[]", {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 503, 5, True),
    ],
)
def test_an_error_of_kubernetes(status: int, text: bytes, headers: dict[str, str], becomes: int, retry: int | None, unsure: bool) -> None:
    found = refusal(status, text, headers, "make pod")
    assert (found.status, found.retry_after, found.unsure) == (becomes, retry, unsure)
    assert "make pod" in found.details


@pytest.mark.parametrize(("reason", "expected"), [("AlreadyExists", True), ("Conflict", False)])
def test_a_name_in_use_is_told_from_other_conflicts(reason: str, expected: bool) -> None:
    assert is_taken(refusal(409, body(reason), {}, "make pod")) is expected


def test_a_page_of_some_proxy_is_not_shown() -> None:
    assert "html" not in refusal(502, b"<html>secret</html>", {}, "list pods").details


def test_no_answer_at_all() -> None:
    # Port 9 is nobody's here; the connection is refused at once.
    calls = Calls(ApiClient(Configuration(host="http://127.0.0.1:9", retries=False)))
    with pytest.raises(LauncherError) as found:
        calls.find("pods", "default")
    assert (found.value.status, found.value.unsure) == (503, True)
    assert "127.0.0.1" not in found.value.details

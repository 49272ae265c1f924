"""One GET over the hub's own HTTP client, whose failures are answers and not exceptions."""

from __future__ import annotations

from collections.abc import Mapping

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from .dandi import Answer


async def get(url: str, headers: Mapping[str, str], seconds: float) -> Answer:
    """The answer of `url`; status 0 when none came. Redirects are not followed: the token is for that server alone."""
    request = HTTPRequest(url, headers=dict(headers), connect_timeout=seconds, request_timeout=seconds, follow_redirects=False)
    try:
        response = await AsyncHTTPClient().fetch(request, raise_error=False)
    except (HTTPClientError, OSError):
        return Answer(0)
    # curl's client calls a failed connection 599.
    return Answer(0) if response.code == 599 else Answer(response.code, response.body or b"")

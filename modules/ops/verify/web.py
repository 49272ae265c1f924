"""One request of HTTP at a time, and what its failure means. Redirects are answers, not followed."""

from __future__ import annotations

import json
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from typing import Any, NoReturn
from urllib.parse import urlsplit

from modules.common.errors import HubError

_SECONDS = 15.0
_LONGEST_BODY = 2_000_000


@dataclass(frozen=True)
class Reply:
    """One answer. headers: by lower-case name."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


@dataclass(frozen=True)
class Site:
    """A web server by its URL, without a slash at the end. token: a JupyterHub token, sent with every request."""

    url: str
    token: str = field(default="", repr=False)

    def with_token(self, token: str) -> Site:
        """The same server, met with a token."""
        return Site(self.url, token)

    def get(self, path: str, *, seconds: float = _SECONDS) -> Reply:
        """The answer to GET. Raises HubError when there is none."""
        return self.ask("GET", path, seconds=seconds)

    def ask(self, method: str, path: str, body: Any = None, *, seconds: float = _SECONDS) -> Reply:
        """The answer to one request, whatever its status; body: sent as JSON. Raises HubError when there is none."""
        with self._open(method, path, body, seconds) as answer:
            text = answer.read(_LONGEST_BODY).decode(errors="replace")
            return Reply(answer.status, text, {name.lower(): value for name, value in answer.headers.items()})

    def events(self, path: str, *, seconds: float) -> Iterator[Any]:
        """JSON events of a stream (text/event-stream); seconds: of silence. Raises HubError as `ask`, and for a refusal."""
        with self._open("GET", path, None, seconds) as answer:
            if answer.status >= 400:
                raise HubError(f"{path} answers {answer.status}")
            try:
                for line in answer:
                    if line.startswith(b"data:"):
                        yield json.loads(line[5:])
            except OSError as error:
                raise HubError(f"{path} went silent ({type(error).__name__})") from error

    def _open(self, method: str, path: str, body: Any, seconds: float) -> HTTPResponse:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if data else {}
        if self.token:
            headers["Authorization"] = f"token {self.token}"
        request = urllib.request.Request(f"{self.url}{path}", data=data, method=method, headers=headers)
        try:
            found: HTTPResponse = _opener(self.url).open(request, timeout=seconds)
            return found
        except urllib.error.HTTPError as refused:
            return refused  # type: ignore[return-value]  # an answer too, with status, headers and read
        except (OSError, HTTPException) as error:
            _explain(self.url, error)


def _opener(url: str) -> urllib.request.OpenerDirector:
    # A proxy of the operator's shell does not reach what listens on this machine.
    here = urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
    return urllib.request.build_opener(_Stay, *([urllib.request.ProxyHandler({})] if here else []))


def _explain(url: str, error: Exception) -> NoReturn:
    cause = getattr(error, "reason", None) or error
    where = urlsplit(url).netloc
    inside = "look whether this machine may reach it: hub.load_balancer_cidrs, or hub.load_balancer: internal (then run it in the VPC)"
    if isinstance(cause, ssl.SSLError):
        raise HubError(f"{where}: no TLS ({getattr(cause, 'verify_message', '') or cause.reason or cause})") from error
    if isinstance(cause, socket.gaierror):
        raise HubError(f"{where} is a name that nobody resolves", fix="wait for the record, or look at dns in hub.yaml") from error
    if isinstance(cause, ConnectionRefusedError):
        raise HubError(f"{where} refuses connections", fix="kubectl get pods,svc -A | grep -E 'proxy|hub-public'") from error
    if isinstance(cause, TimeoutError):
        raise HubError(f"{where} does not answer in time", fix=inside) from error
    raise HubError(f"{where} does not answer ({type(cause).__name__}: {cause})", fix=inside) from error

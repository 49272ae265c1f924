"""What the emulator could not answer. A run that left anything here has proved nothing."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qs

_SCOPE = re.compile(r"Credential=[^/]+/\d+/(?P<region>[^/]*)/(?P<service>[^/]+)/aws4_request")
TEXT_MAX = 400


@dataclass(frozen=True)
class Fault:
    """One call that was unimplemented, or ended in a 5xx."""

    service: str
    action: str
    status: int
    text: str


class Faults:
    """All faults since the start or the last reset."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Remember one."""
        with self._lock:
            self._seen.append(fault)

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._seen.clear()

    def documents(self) -> list[dict[str, Any]]:
        """All of them, as JSON wants them."""
        with self._lock:
            return [asdict(fault) for fault in self._seen]


def service_of(environ: Mapping[str, Any]) -> str:
    """The service a request was signed for; "" when it was not signed."""
    match = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    return match["service"] if match else ""


def action_of(environ: Mapping[str, Any], body: bytes) -> str:
    """What a request asks for: the target header, the query protocol's Action, or method and path."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rsplit(".", 1)[-1]
    if "x-www-form-urlencoded" in environ.get("CONTENT_TYPE", "") and (action := parse_qs(body.decode("latin-1")).get("Action")):
        return action[0]
    return f"{environ.get('REQUEST_METHOD')} {environ.get('PATH_INFO')}"


def fault_in(environ: Mapping[str, Any], body: bytes, status: int, answer: bytes) -> Fault | None:
    """The fault this answer is, or None. A 404 without a word of AWS's is moto not knowing the URL."""
    service = service_of(environ)
    unknown_url = status == 404 and service != "s3" and environ.get("REQUEST_METHOD") != "HEAD" and not answer.strip()
    web_page = status >= 400 and answer.lstrip()[:14].lower() == b"<!doctype html"
    if status < 500 and not unknown_url and not web_page:
        return None
    text = re.sub(r"<[^>]*>|\s+", " ", answer.decode("utf-8", "replace")).strip()[:TEXT_MAX]
    return Fault(service, action_of(environ, body), status, text or "not implemented")

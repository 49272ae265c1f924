"""What the API answers with: documents, streams, and Status objects for what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]

#: The API's word for a code. https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/types.go
REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    410: "Expired",
    415: "UnsupportedMediaType",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


@dataclass(frozen=True)
class Request:
    """One call. path: below the cluster's own address, "/api/v1/...". content_type: without its parameters."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    body: bytes = b""

    def asks(self, name: str) -> bool:
        """Whether a query parameter says yes."""
        return self.query.get(name, "").lower() in ("1", "true")


@dataclass(frozen=True)
class Answer:
    """document: the body, unless `text` is, or `stream` gives it line by line. warnings: one `Warning` header each."""

    document: Document = field(default_factory=dict)
    code: int = 200
    warnings: tuple[str, ...] = ()
    stream: Iterator[Document] | None = None
    headers: tuple[tuple[str, str], ...] = ()
    text: str = ""

    @property
    def body(self) -> bytes:
        """The text, or the document as JSON."""
        return (self.text or json.dumps(self.document)).encode()


class ApiError(Exception):
    """The API says no. details: {"name", "group", "kind": <plural>} of what was asked for."""

    def __init__(self, code: int, message: str, reason: str = "", **details: Any) -> None:
        super().__init__(message)
        self.code, self.message, self.details = code, message, details
        self.reason = reason or REASONS.get(code, "Unknown")

    @property
    def answer(self) -> Answer:
        """The Status object that says so."""
        # Clients that find this header ask again by themselves; of a 503 a test wants to see what they make of it.
        headers = (("Retry-After", "1"),) if self.code == 429 else ()
        return Answer(self.document, self.code, headers=headers)

    @property
    def document(self) -> Document:
        """The Status object alone."""
        return status("Failure", code=self.code, message=self.message, reason=self.reason, details=self.details)


def status(outcome: str, **more: Any) -> Document:
    """A Status object; what is empty is left out."""
    said = {name: value for name, value in more.items() if value}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": outcome, **said}

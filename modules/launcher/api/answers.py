"""Every error as `{error, details}`, whoever raises it."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from modules.launcher import names
from modules.launcher.errors import LauncherError
from modules.launcher.models import ErrorBody

_log = logging.getLogger(__name__)
#: An answer that lists a thousand mistakes helps nobody.
_LISTED = 10
_KNOWN = {"extra_forbidden": "there is no such field", "missing": "is missing"}
_PREFIXES = ("Value error, ", "Assertion failed, ")


def responses(*codes: int, plain: bool = False) -> dict[int | str, dict[str, Any]]:
    """For OpenAPI: these errors, and those that every call may end in. plain: of a route whose success is no JSON."""
    body: dict[str, Any] = {"model": ErrorBody}
    if plain:
        # FastAPI would give the model the route's own media type; other routes bring the schema in.
        body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}}
    return {code: {**body, "description": _MEANINGS[code]} for code in sorted({*codes, 401, 403, 422, 429, 500, 503})}


def install(app: FastAPI) -> None:
    """Have all errors of the application answered so."""
    app.add_exception_handler(LauncherError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _broken)


def error_answer(error: LauncherError) -> JSONResponse:
    """One of our refusals as an answer."""
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return _answer(error.status, error.details, headers)


def sentence(problems: Sequence[Mapping[str, Any]]) -> str:
    """pydantic's findings as one text. What was sent is not repeated: it may be a password."""
    # A default that was not worked out because of another mistake is none of its own.
    lines = list(dict.fromkeys(_line(each) for each in problems if each.get("type") != "default_factory_not_called"))
    more = f"; and {len(lines) - _LISTED} more" if len(lines) > _LISTED else ""
    return "; ".join(lines[:_LISTED]) + more


def _line(problem: Mapping[str, Any]) -> str:
    # Names of types that pydantic tries in turn are no part of the caller's document.
    path = [str(part) for part in problem.get("loc", ())[1:] if isinstance(part, int) or (part.isidentifier() and not part[:1].isupper())]
    text = _text(problem)
    return f"{'.'.join(path)}: {text}" if path else text


def _text(problem: Mapping[str, Any]) -> str:
    pattern = (problem.get("ctx") or {}).get("pattern")
    if pattern in names.RULES:
        return f"must be {names.RULES[pattern]}"
    kind = problem.get("type")
    if kind in ("dict_type", "model_attributes_type") and tuple(problem.get("loc", ())) == ("body",):
        return "the body must be a JSON object, sent with Content-Type: application/json"
    text = _KNOWN.get(str(kind), str(problem.get("msg", "is not valid")))
    for prefix in _PREFIXES:
        text = text.removeprefix(prefix)
    return text


def _answer(status: int, details: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": status, "details": details}, status, headers=dict(headers or {}))


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, LauncherError)
    return error_answer(error)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return _answer(422, sentence(error.errors()))


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _answer(error.status_code, str(error.detail), error.headers)


async def _broken(request: Request, error: Exception) -> JSONResponse:
    # The text of an unknown error may hold anything, so the caller gets only what finds it in the log.
    found = uuid.uuid4().hex[:12]
    _log.error("%s %s failed (%s)", request.method, request.url.path, found, exc_info=error)
    return _answer(500, f"the launcher failed; its log has more under {found}")


_MEANINGS = {
    400: "The body is no JSON",
    401: "No token, or one that nobody knows",
    403: "Not allowed to this caller, or to anyone here",
    404: "No such process",
    409: "The name is taken, or the process is not far enough",
    413: "The body is too large",
    422: "The process cannot be as it is described",
    429: "As many processes as one may have, or the cluster asks for patience",
    500: "A mistake of the launcher's",
    503: "The cluster, AWS or the hub does not answer",
}

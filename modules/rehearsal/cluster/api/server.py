"""One request to a cluster's API, answered; and the WSGI side of that."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl

from modules.rehearsal.cluster.api import parts, reads, writes
from modules.rehearsal.cluster.api.answers import Answer, ApiError, Document, Request
from modules.rehearsal.cluster.api.discovery import discovered
from modules.rehearsal.cluster.api.paths import Target, target_of
from modules.rehearsal.cluster.world import World
from modules.rehearsal.standin.backend import Refused
from modules.rehearsal.verdicts.judge import Judge

#: The World of (region, cluster's name); None when there is none.
Find = Callable[[str, str], World | None]
_NOT_ALLOWED = "the server does not allow this method on the requested resource"


class Api:
    """The API of all clusters that `find` finds. Whoever asks is let in."""

    def __init__(self, find: Find, judge: Judge) -> None:
        self._find, self._judge = find, judge

    def wsgi(self, environ: dict[str, Any], start_response: Callable[..., Any], path: str) -> Iterable[bytes]:
        """path: "<region>/<cluster>/api/v1/...", from which on `environ` is not asked."""
        region, cluster, *rest = [*path.split("/", 2), "", ""]
        query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        answer = self.answer(region, cluster, Request(environ["REQUEST_METHOD"], f"/{rest[0]}", query, kind, body))
        headers = [("Content-Type", "text/plain" if answer.text else "application/json"), *answer.headers]
        headers += [("Warning", f"299 - {json.dumps(each)}") for each in answer.warnings]
        if answer.stream is None:
            headers.append(("Content-Length", str(len(answer.body))))
        start_response(f"{answer.code} {'OK' if answer.code < 400 else 'Refused'}", headers)
        return [answer.body] if answer.stream is None else _lines(answer.stream)

    def answer(self, region: str, cluster: str, request: Request) -> Answer:
        """The answer to one request; what is refused is a Status too."""
        try:
            world = self._find(region, cluster)
            if world is None:
                raise ApiError(404, f'there is no cluster "{cluster}" in {region} that is ACTIVE')
            with world.lock:
                _as_asked(world, request)
                return discovered(world, request.path) or self._of_object(world, target_of(world, request.path), request)
        except ApiError as error:
            return error.answer
        except Refused as refused:
            return ApiError(503, str(refused)).answer

    def _of_object(self, world: World, target: Target, request: Request) -> Answer:
        if target.part:
            return parts.part(world, target, request)
        return self._of_one(world, target, request) if target.name else self._of_all(world, target, request)

    def _of_one(self, world: World, target: Target, request: Request) -> Answer:
        match request.method:
            case "GET":
                return reads.get_one(world, target)
            case "PUT":
                return writes.replace(world, self._judge, target, request)
            case "PATCH":
                return writes.patch(world, self._judge, target, request)
            case "DELETE":
                return writes.delete(world, target, request)
        raise target.error(405, _NOT_ALLOWED)

    def _of_all(self, world: World, target: Target, request: Request) -> Answer:
        if request.method == "GET":
            return reads.watch(world, target, request) if request.asks("watch") else reads.get_list(world, target, request)
        if request.method == "DELETE":
            return writes.delete_all(world, target, request)
        if request.method == "POST" and target.resource.namespaced is bool(target.namespace):
            return writes.create(world, self._judge, target, request)
        raise target.error(405, _NOT_ALLOWED)


def _as_asked(world: World, request: Request) -> None:
    """Raises ApiError when somebody asked for this request to fail (edits.edit)."""
    for fault in world.request_faults:
        if fnmatchcase(f"{request.method} {request.path}", fault.request) and (not fault.times or fault.used < fault.times):
            fault.used += 1
            raise ApiError(fault.code, fault.message)


def _lines(stream: Iterator[Document]) -> Iterator[bytes]:
    for document in stream:
        yield json.dumps(document).encode() + b"\n"

"""The HTTP API over a runtime made for each row: codes, bodies, who may what, and what a slow cluster does to others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from modules.launcher.api import make_app
from modules.launcher.api.culler import cull_once
from modules.launcher.errors import Conflict, Forbidden, Invalid, LauncherError, NotFound, TooMany, Unauthorized, Unavailable
from modules.launcher.models import ProcessInfo, ProcessSpec, Status
from modules.launcher.protocols import READ, WRITE, Principal, Rules
from tests.launcher.serving import served

WEB = {"process_name": "web", "container": {"image_uri": "nginx"}}
_DEADLINE = 60


class People:
    """ann may all, ray may only look, wim may only start and stop; the hub is down for hugo."""

    def authenticate(self, headers: Mapping[str, str]) -> Principal:
        """The caller by the token."""
        name = headers.get("authorization", "").removeprefix("Bearer ")
        if name == "hugo":
            raise Unavailable("the hub does not answer", retry_after=3)
        if name not in ("ann", "ray", "wim"):
            raise Unauthorized("nobody knows this token")
        return Principal(name, scopes=frozenset({"ann": {READ, WRITE}, "ray": {READ}, "wim": {WRITE}}[name]))


class Scripted:
    """A runtime that does what `act` does, whatever it is asked, and notes what that was."""

    def __init__(self, act: Callable[[], Any] = lambda: None) -> None:
        self.act, self.asked = act, list[tuple[Any, ...]]()

    def _do(self, *what: Any) -> Any:
        self.asked.append(what)
        return self.act()

    def start(self, spec: ProcessSpec, who: Principal) -> None:
        self._do("start", spec.process_name, who.name)

    def find(self, who: Principal, group: str | None = None) -> list[ProcessInfo]:
        return self._do("find", who.name, group) or []

    def stop(self, name: str, who: Principal) -> None:
        self._do("stop", name, who.name)

    def stop_group(self, group: str, who: Principal) -> None:
        self._do("stop_group", group, who.name)

    def logs(self, name: str, who: Principal, tail: int, *, previous: bool = False) -> str:
        return str(self._do("logs", name, who.name, tail, previous))

    def cull(self, now: datetime) -> list[str]:
        return self._do("cull", now) or []

    def ready(self) -> None:
        self._do("ready")


def app(runtime: Scripted, **more: Any) -> Any:
    rules = Rules(culling_interval=timedelta(days=1), **more.pop("rules", {}))
    return make_app(runtime, People(), rules, **more)


def as_(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {name}"}


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[httpx.Client, Scripted]]:
    """One server for most rows: to start and end it takes longer than all they ask of it."""
    runtime = Scripted()
    with served(app(runtime, prefix="/services/launcher/")) as client:
        yield client, runtime


@pytest.fixture
def client(server: tuple[httpx.Client, Scripted]) -> httpx.Client:
    """A client of that server."""
    return server[0]


@pytest.fixture
def runtime(server: tuple[httpx.Client, Scripted]) -> Scripted:
    """That server's runtime, as new."""
    found = server[1]
    found.act, found.asked = lambda: None, []
    return found


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "answer", "asked"),
    [
        ("POST", "/process", WEB, 201, "null", ("start", "web", "ann")),
        ("GET", "/process", None, 200, "[]", ("find", "ann", None)),
        ("DELETE", "/process/web", None, 200, "null", ("stop", "web", "ann")),
        ("GET", "/group/g", None, 200, "[]", ("find", "ann", "g")),
        ("DELETE", "/group/g", None, 200, "null", ("stop_group", "g", "ann")),
        ("GET", "/process/web/logs", None, 200, "None", ("logs", "web", "ann", 200, False)),
        ("GET", "/process/web/logs?tail=5&previous=true", None, 200, "None", ("logs", "web", "ann", 5, True)),
        ("GET", "/services/launcher/process", None, 200, "[]", ("find", "ann", None)),
        ("GET", "/process/a%20b/logs", None, 200, "None", ("logs", "a b", "ann", 200, False)),
    ],
)
def test_what_each_path_does(
    method: str, path: str, body: Any, status: int, answer: str, asked: tuple[Any, ...], client: httpx.Client, runtime: Scripted
) -> None:
    found = client.request(method, path, json=body, headers=as_("ann"))
    assert (found.status_code, found.text) == (status, answer)
    assert runtime.asked == [asked]


@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [
        (Invalid("it cannot be"), 422, {}),
        (Forbidden("not you"), 403, {}),
        (NotFound("Process 'web' not found"), 404, {}),
        (Conflict("taken"), 409, {}),
        (TooMany("enough", retry_after=7), 429, {"retry-after": "7"}),
        (Unavailable("no cluster", retry_after=5), 503, {"retry-after": "5"}),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/process"), ("GET", "/process"), ("DELETE", "/process/web"), ("GET", "/group/g"), ("GET", "/readyz")]
)
def test_an_error_of_the_runtime(
    error: LauncherError, status: int, headers: dict[str, str], method: str, path: str, client: httpx.Client, runtime: Scripted
) -> None:
    def fail() -> None:
        raise error

    runtime.act = fail
    found = client.request(method, path, json=WEB if method == "POST" else None, headers=as_("ann"))
    assert (found.status_code, found.json()) == (status, {"error": status, "details": error.details})
    assert {key: found.headers[key] for key in headers} == headers


def test_a_mistake_of_ours_tells_nothing_but_where_to_look(
    caplog: pytest.LogCaptureFixture, client: httpx.Client, runtime: Scripted
) -> None:
    def fail() -> None:
        raise RuntimeError("the password is s3cret")

    runtime.act = fail
    found = client.get("/process", headers=as_("ann"))
    assert (found.status_code, found.json()["error"]) == (500, 500)
    assert "s3cret" not in found.text
    assert found.json()["details"].split()[-1] in caplog.text


@pytest.mark.parametrize(
    ("name", "method", "path", "status"),
    [
        ("", "GET", "/process", 401),
        ("eve", "POST", "/process", 401),
        ("eve", "GET", "/nowhere", 401),
        ("eve", "GET", "/services/launcher/process", 401),
        ("hugo", "GET", "/process", 503),
        ("ray", "GET", "/process", 200),
        ("ray", "GET", "/process/web/logs", 200),
        ("ray", "POST", "/process", 403),
        ("ray", "DELETE", "/process/web", 403),
        ("ray", "DELETE", "/group/g", 403),
        ("wim", "GET", "/process", 403),
        ("wim", "POST", "/process", 201),
        ("ann", "GET", "/nowhere", 404),
        ("ann", "PUT", "/process", 405),
        ("", "GET", "/healthz", 200),
        ("", "GET", "/readyz", 200),
        ("", "GET", "/openapi.json", 200),
        ("", "GET", "/docs", 200),
        ("", "GET", "/services/launcher/healthz", 200),
    ],
)
def test_who_may_what(name: str, method: str, path: str, status: int, client: httpx.Client, runtime: Scripted) -> None:
    found = client.request(method, path, json=WEB if method == "POST" else None, headers=as_(name) if name else {})
    assert found.status_code == status
    if status >= 400:
        assert set(found.json()) == {"error", "details"}
        assert found.json()["error"] == status
        assert runtime.asked == []
    assert (found.headers.get("www-authenticate") == "Bearer") is (status == 401)


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (b"{", 422, "JSON"),
        (b"\xff", 400, ""),
        (b"[]", 422, "the body must be a JSON object"),
        (b"null", 422, ""),
        (b'{"process_name": "Web", "container": {"image_uri": "x"}}', 422, "process_name: must be small letters"),
        (b'{"process_name": "web", "container": {"image_uri": "x", "ports": [{}]}}', 422, "container.ports.0.container_port: is missing"),
        (b'{"process_name": "web", "container": {"image_uri": "x"}, "ttl": 5}', 422, "ttl: there is no such field"),
        (b'{"process_name": "\\ud800", "container": {"image_uri": "x"}}', 422, "process_name"),
        (b'{"process_name": "web", "container": {"image_uri": "x", "password": "hunter2"}}', 422, "container.password"),
        (b'{"process_name": "web", "container": {"image_uri": "x", "resource_limit": {"memory_mib": ' + b"9" * 5000 + b"}}}", 400, ""),
        (b"[" * 100_000, 400, ""),
        (b'{"a": "' + b"x" * 2**20 + b'"}', 413, "larger than"),
    ],
)
def test_a_body_that_is_no_process(body: bytes, status: int, text: str, client: httpx.Client) -> None:
    found = client.post("/process", content=body, headers={**as_("ann"), "Content-Type": "application/json"})
    assert (found.status_code, found.json()["error"]) == (status, status)
    assert text in found.json()["details"]
    assert "hunter2" not in found.text


def test_a_body_without_its_type_is_told_so(client: httpx.Client) -> None:
    found = client.post("/process", content=b"{}", headers={**as_("ann"), "Content-Type": "text/plain"})
    assert found.json()["details"] == "the body must be a JSON object, sent with Content-Type: application/json"


def test_a_slow_cluster_holds_up_nobody_else_and_has_an_end() -> None:
    """Two threads, so that four calls may wait at most; all are caught in the cluster until `go`."""
    go, stuck = threading.Event(), threading.Semaphore(0)

    def slow() -> None:
        stuck.release()
        assert go.wait(_DEADLINE)

    runtime = Scripted(slow)
    with served(app(runtime, rules={"calls_at_once": 2})) as client, ThreadPoolExecutor(8) as callers:
        caught = [callers.submit(client.delete, "/group/g", headers=as_("ann")) for _ in range(2)]
        for _ in range(2):
            assert stuck.acquire(timeout=_DEADLINE)
        assert client.get("/healthz").status_code == 200
        more = [callers.submit(client.get, "/process", headers=as_("ann")) for _ in range(6)]
        # Four find no room and are answered while all others are still held.
        for _, refused in zip(range(4), as_completed(more, _DEADLINE), strict=False):
            assert refused.result().headers["retry-after"] == "5"
        go.set()
        assert [each.result(_DEADLINE).status_code for each in caught] == [200, 200]
        codes = sorted(each.result(_DEADLINE).status_code for each in more)
    assert codes == [200, 200, 503, 503, 503, 503]


def test_ready_is_asked_of_the_cluster_once_for_many() -> None:
    runtime = Scripted()
    with served(app(runtime)) as client:
        assert [client.get("/readyz").status_code for _ in range(5)] == [200] * 5
    assert runtime.asked == [("ready",)]


def test_not_ready_is_asked_again() -> None:
    broken = True

    def answer() -> None:
        if broken:
            raise Unavailable("no cluster", retry_after=5)

    with served(app(Scripted(answer))) as client:
        found = client.get("/readyz")
        assert (found.status_code, found.json()) == (503, {"error": 503, "details": "no cluster"})
        broken = False
        assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("error", [Unavailable("no cluster"), RuntimeError("a mistake")])
def test_the_culler_outlives_its_failures(error: Exception) -> None:
    """Hydroplane's ends for good with the first."""

    def fail() -> None:
        raise error

    assert cull_once(Scripted(fail)) == []
    assert cull_once(Scripted(lambda: ["web"])) == ["web"]


def test_the_culler_goes_round_while_the_server_serves() -> None:
    rounds = threading.Semaphore(0)

    def fail() -> None:
        rounds.release()
        raise Unavailable("no cluster")

    with served(make_app(Scripted(fail), People(), Rules(culling_interval=timedelta(milliseconds=5)))):
        for _ in range(3):
            assert rounds.acquire(timeout=_DEADLINE)


def test_what_a_list_looks_like(client: httpx.Client, runtime: Scripted) -> None:
    info = ProcessInfo(
        process_name="web", group=None, socket_addresses=[], created=datetime(2026, 11, 21, tzinfo=UTC), status=Status.STARTING
    )
    runtime.act = lambda: [info]
    found = client.get("/process", headers=as_("ann"))
    seed = '[{"process_name":"web","group":null,"socket_addresses":[],"created":"2026-11-21T00:00:00+00:00",'
    assert found.text == seed + '"status":"STARTING","reason":null,"owner":null,"expires":null}]'


def test_every_error_in_openapi_has_our_body() -> None:
    paths = make_app(Scripted(), People(), Rules()).openapi()["paths"]
    errors = [
        answer["content"]["application/json"]["schema"]["$ref"]
        for path, verbs in paths.items()
        for verb in verbs.values()
        for code, answer in verb["responses"].items()
        if code >= "400" and path != "/healthz"
    ]
    assert len(errors) > 30
    assert set(errors) == {"#/components/schemas/ErrorBody"}

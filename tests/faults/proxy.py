"""A proxy between AWS's clients and the emulator that gives wrong answers when told to: counts, refuses, drops, delays, goes dark.

    with Proxy(emulator.url) as proxy:
        proxy.plant(Rule("ec2", "CreateVpc", Refuse("VpcLimitExceeded", "The maximum number of VPCs has been reached.")))

What no rule speaks of passes unchanged. Rules are tried in the order they were planted; one that is used up lets pass.
"""

from __future__ import annotations

import http.client
import os
import socket
import struct
import threading
import time
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar
from urllib.parse import urlsplit

from tests.faults.wire import Request, error_body, matches, read_request

#: Meant for one connection alone, RFC 9110 section 7.6.1; lengths are counted anew.
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
#: Longer than any answer of the emulator takes.
_PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Refuse:
    """Answer with an error in the service's own wire form."""

    code: str
    message: str = ""
    status: int = 400


@dataclass(frozen=True)
class Drop:
    """Take the request and close without an answer. passed_on: after AWS has done what was asked, so that only the answer is lost."""

    passed_on: bool = False


@dataclass(frozen=True)
class Delay:
    """Answer late, by `seconds`."""

    seconds: float


@dataclass(frozen=True)
class GoDark:
    """From this request on, every one is cut off, or answered with `answer`, until `Proxy.heal`. passed_on: see Drop."""

    passed_on: bool = False
    answer: Refuse | None = None

    @property
    def later(self) -> Refuse | Drop:
        """What every later request meets."""
        return self.answer or Drop()


@dataclass(frozen=True)
class Rewrite:
    """Answer as AWS did, with one text put for another."""

    old: str
    new: str


Fault = Refuse | Drop | Delay | GoDark | Rewrite


@dataclass
class Rule:
    """service: as requests are signed for, such as ec2. action: an operation, or "METHOD /path" where the service is REST; * matches.

    times: how often it applies, None for always. after: how many matching requests pass first. agent: whose requests, by what
    the client calls itself: *Terraform* or *Boto3*.
    """

    service: str
    action: str
    fault: Fault
    times: int | None = None
    after: int = 0
    agent: str = "*"
    seen: int = 0
    hits: int = 0

    def is_about(self, request: Request) -> bool:
        """Whether the request is one of those."""
        pairs = ((request.service, self.service), (request.action, self.action), (request.agent, self.agent))
        return all(matches(*each) for each in pairs)


@dataclass(frozen=True)
class Seen:
    """One request. outcome: "passed", or the kind of fault."""

    service: str
    action: str
    outcome: str


@dataclass
class Proxy:
    """upstream: the URL requests go to. calls: every request so far, in the order of their ends."""

    upstream: str
    calls: list[Seen] = field(default_factory=list)
    _rules: list[Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _dark: Refuse | Drop | None = None

    def __enter__(self) -> Proxy:
        handler = type("Handler", (_Handler,), {"proxy": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    @property
    def url(self) -> str:
        """Where the proxy listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def plant(self, *rules: Rule) -> None:
        """Faults from now on, after those that are there."""
        with self._lock:
            self._rules += [replace(rule) for rule in rules]

    def heal(self) -> dict[str, int]:
        """No fault any more, and light; gives how often each rule applied ("service action": times), for a test to see that it did."""
        with self._lock:
            hits: dict[str, int] = {}
            for rule in self._rules:
                name = f"{rule.service} {rule.action}"
                hits[name] = hits.get(name, 0) + rule.hits
            self._rules.clear()
            self._dark = None
            return hits

    def count(self, service: str, action: str, outcome: str = "*") -> int:
        """How many requests matched."""
        with self._lock:
            wanted = (service, action, outcome)
            return sum(all(map(matches, (each.service, each.action, each.outcome), wanted)) for each in self.calls)

    def fault_for(self, request: Request) -> Fault | None:
        """What to do wrong with this request, counting it."""
        with self._lock:
            if self._dark:
                return self._dark
            for rule in self._rules:
                if not rule.is_about(request):
                    continue
                rule.seen += 1
                if rule.seen <= rule.after or (rule.times is not None and rule.hits >= rule.times):
                    continue
                rule.hits += 1
                if isinstance(rule.fault, GoDark):
                    self._dark = rule.fault.later
                return rule.fault
        return None

    def note(self, request: Request, outcome: str) -> None:
        """Remember what became of a request."""
        with self._lock:
            self.calls.append(Seen(request.service, request.action, outcome))


class _Handler(BaseHTTPRequestHandler):
    proxy: ClassVar[Proxy]
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: `Proxy.calls` remembers."""

    def _answer(self) -> None:
        request = read_request(self.command, self.path, dict(self.headers.items()), self.rfile)
        fault = self.proxy.fault_for(request)
        self.proxy.note(request, type(fault).__name__ if fault else "passed")
        match fault:
            case Refuse():
                self._refuse(request, fault)
            case Drop() | GoDark():
                if fault.passed_on:
                    self._pass_on(request)
                if isinstance(fault, GoDark) and fault.answer:
                    self._refuse(request, fault.answer)
                else:
                    self._cut()
            case Delay():
                time.sleep(fault.seconds)
                self._reply(*self._pass_on(request))
            case Rewrite():
                status, headers, body = self._pass_on(request)
                self._reply(status, headers, body.replace(fault.old.encode(), fault.new.encode()))
            case None:
                self._reply(*self._pass_on(request))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _answer  # noqa: N815  # the names that http.server calls

    def _pass_on(self, request: Request) -> tuple[int, list[tuple[str, str]], bytes]:
        place = urlsplit(self.proxy.upstream)
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=_PATIENCE_SECONDS)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in {"connection", "transfer-encoding", "content-length", "expect"}:
                    connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(request.body)))
            connection.putheader("Connection", "close")
            connection.endheaders(request.body)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _reply(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        given = {name.lower(): value for name, value in headers}
        for name, value in headers:
            if name.lower() not in _HOP_BY_HOP or name.lower() == "date":
                self.send_header(name, value)
        # The length of what a HEAD would have sent is the object's size.
        length = given.get("content-length", "0") if self.command == "HEAD" else str(len(body))
        if status != 204:
            self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _refuse(self, request: Request, fault: Refuse) -> None:
        headers, body = error_body(request, fault.code, fault.message)
        self._reply(fault.status, list(headers.items()), body)

    def _cut(self) -> None:
        """Close with a reset, as a network that goes away does."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # The handler's own files would keep the socket open.
        os.close(self.connection.detach())

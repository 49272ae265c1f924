"""The WSGI front: our own endpoints, a record of faults, and moto behind both."""

from __future__ import annotations

import io
import json
import os
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from typing import Any
from xml.sax.saxutils import escape

from modules.rehearsal.emulator import backup_jobs, kubernetes
from modules.rehearsal.emulator.faults import TEXT_MAX, Fault, Faults, action_of, fault_in, service_of
from modules.rehearsal.emulator.replay import Answer, Replay
from modules.rehearsal.emulator.reset import reset_account

Environ = dict[str, Any]
StartResponse = Callable[..., Any]

#: Not 500: the SDKs would ask again, many times, for what will never be there.
_NOT_IMPLEMENTED = 501
#: Below it "<region>/<cluster>" and what any API server has; a stand-in that lets everybody in.
_KUBERNETES = "/hubsmith/kubernetes/"


class Front:
    """The application. app: moto's. token: says which process this is, to those who have it from the ready file."""

    def __init__(self, app: Callable[[Environ, StartResponse], Iterable[bytes]], token: str) -> None:
        self._app, self._token = app, token
        self.faults = Faults()
        # moto's backends are dictionaries that reach into one another: two requests at once now and then end in "dictionary
        # changed size during iteration", more often the busier the machine. Nothing in them waits, so one at a time costs little.
        self._moto = threading.Lock()
        self._replay = Replay()
        self.started = self.last_use = time.time()
        self._own: dict[str, Callable[[bytes], Any]] = {
            "/hubsmith/health": lambda _body: self._health(),
            "/hubsmith/faults": lambda _body: self.faults.documents(),
            "/hubsmith/reset": lambda _body: self._reset(),
            "/hubsmith/restored": lambda _body: backup_jobs.restored(),
            "/hubsmith/kubernetes": lambda _body: kubernetes.places(),
            "/hubsmith/cluster": lambda _body: kubernetes.summary(),
            "/hubsmith/cluster/dump": lambda _body: kubernetes.dump(),
            "/hubsmith/cluster/edit": kubernetes.edit,
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        own = self._own.get(environ.get("PATH_INFO", ""))
        if own is not None:
            return _send(start_response, _answer("200 OK", "application/json", json.dumps(own(_read_body(environ))).encode()))
        self.touch()
        if (path := environ.get("PATH_INFO", "")).startswith(_KUBERNETES):
            return self._ask_cluster(environ, start_response, path.removeprefix(_KUBERNETES))
        try:
            return _send(start_response, self._replay.once(environ, lambda: self._ask_moto(environ)))
        finally:
            self.touch()

    def touch(self) -> None:
        """Somebody uses the emulator right now."""
        self.last_use = time.time()

    def _health(self) -> dict[str, Any]:
        return {"token": self._token, "pid": os.getpid(), "uptime": time.time() - self.started, "idle": time.time() - self.last_use}

    def _reset(self) -> dict[str, Any]:
        reset_account()
        kubernetes.clear()
        self.faults.clear()
        self.touch()
        return {"reset": True}

    def _ask_cluster(self, environ: Environ, start_response: StartResponse, path: str) -> Iterable[bytes]:
        try:
            return kubernetes.api(environ, start_response, path)
        except Exception as error:
            # What an API server refuses is an answer; this is a mistake of ours.
            traceback.print_exc()
            text = f"{type(error).__name__}: {error}"[:TEXT_MAX]
            self.faults.add(Fault("kubernetes", f"{environ.get('REQUEST_METHOD')} /{path}", 500, text))
            status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 500, "reason": "InternalError", "message": text}
            return _send(start_response, _answer("500 Internal Server Error", "application/json", json.dumps(status).encode()))

    def _ask_moto(self, environ: Environ) -> Answer:
        body = _read_body(environ)
        status: list[str] = []
        headers: list[tuple[str, str]] = []

        def remember(line: str, fields: list[tuple[str, str]], *_: Any) -> None:
            status[:], headers[:] = [line], fields

        try:
            with self._moto:
                answer = b"".join(self._app(environ, remember))
        except Exception as error:
            # moto says "not implemented" by an exception; so do its own bugs.
            traceback.print_exc()
            text = f"{type(error).__name__}: {error}"[:TEXT_MAX]
            self.faults.add(Fault(service_of(environ), action_of(environ, body), _NOT_IMPLEMENTED, text))
            return _refusal(environ, f"The emulator has no answer: {text}")
        fault = fault_in(environ, body, int(status[0].split()[0]), answer)
        if fault is None:
            return Answer(status[0], tuple(headers), answer)
        self.faults.add(fault)
        return _refusal(environ, f"The emulator does not know {fault.service} {fault.action}: {fault.text}")


def _read_body(environ: Environ) -> bytes:
    """The request's body, kept so that moto can read it again. A chunked body is left alone: only S3 uploads have one."""
    length = environ.get("CONTENT_LENGTH")
    if not length:
        return b""
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    return bytes(body)


def _refusal(environ: Environ, text: str) -> Answer:
    """An error in the protocol the caller speaks, so that it is shown instead of a failure to parse a web page."""
    xml = "x-www-form-urlencoded" in environ.get("CONTENT_TYPE", "") or service_of(environ) in {"s3", "route53", "cloudfront"}
    line = f"{_NOT_IMPLEMENTED} Not Implemented"
    if xml:
        error = f"<Error><Code>NotImplemented</Code><Message>{escape(text)}</Message></Error>"
        body = error if service_of(environ) == "s3" else f"<ErrorResponse>{error}</ErrorResponse>"
        return _answer(line, "text/xml", body.encode())
    return _answer(line, "application/json", json.dumps({"__type": "NotImplemented", "message": text}).encode())


def _answer(line: str, kind: str, body: bytes) -> Answer:
    headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
    if not line.startswith("200"):
        headers.append(("x-amzn-ErrorType", "NotImplemented"))
    return Answer(line, tuple(headers), body)


def _send(start_response: StartResponse, answer: Answer) -> Iterable[bytes]:
    start_response(answer.line, list(answer.headers))
    return [answer.body]

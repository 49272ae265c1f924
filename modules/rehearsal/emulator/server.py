"""Serving the emulator on one loopback port and its providers on another, and ending when nobody has asked for long enough."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.rehearsal.emulator import kubernetes
from modules.rehearsal.emulator.front import Front
from modules.rehearsal.emulator.services import create_app
from modules.rehearsal.standin.listener import Listener

HOST = "127.0.0.1"
_LOOK_EVERY = 5.0


@dataclass(frozen=True)
class Options:
    """port 0: any free one. ready_file: where pid, ports and token are written once requests are answered.
    idle_seconds 0: never end by itself."""

    port: int
    ready_file: Path | None
    idle_seconds: float
    token: str


def serve(options: Options) -> None:
    """Answer requests until SIGTERM, SIGINT, or `idle_seconds` without a request or a provider (our own endpoints do not count)."""
    _settings()
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler
    from werkzeug.serving import make_server

    front = Front(DomainDispatcherApplication(create_app), options.token)
    quiet: Any = type(
        "Handler", (MotoRequestHandler,), {"log_request": lambda self, code="-", size="-": None, "protocol_version": "HTTP/1.1"}
    )
    listener = socket.create_server((HOST, options.port), backlog=128)
    port = listener.getsockname()[1]
    os.environ["MOTO_PORT"] = str(port)
    server = make_server(HOST, port, front, threaded=True, request_handler=quiet, fd=listener.fileno())
    launches = Listener(kubernetes.backend, front.touch)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _end(launches))
    if options.idle_seconds:
        threading.Thread(target=_end_when_idle, args=(front, launches, options.idle_seconds), daemon=True).start()
    if options.ready_file is not None:
        _announce(options.ready_file, port, launches.port, options.token)
    server.serve_forever()


def _settings() -> None:
    """What moto reads from the environment."""
    os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    # One account, said once; otherwise moto reads the managed policies of all six partitions to find out whose key it sees.
    os.environ.setdefault("MOTO_ACCOUNT_ID", "123456789012")
    # How long a certificate waits before moto calls it issued; the provider looks every few seconds anyway.
    os.environ.setdefault("MOTO_ACM_VALIDATION_WAIT", "1")
    # Boto3 inside moto must never find real credentials or a proxy of the caller's.
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")


def _announce(ready_file: Path, port: int, plugin_port: int, token: str) -> None:
    """Write the ready file in one step, so that nobody reads half of it."""
    draft = ready_file.with_suffix(f".{os.getpid()}")
    document = {"pid": os.getpid(), "port": port, "plugin_port": plugin_port, "token": token, "started": time.time()}
    draft.write_text(json.dumps(document))
    draft.chmod(0o600)
    draft.replace(ready_file)


def _end(launches: Listener) -> None:
    """Sockets of providers go; nothing else is worth keeping, and taking a large account apart takes seconds."""
    try:
        launches.close()
    finally:
        os._exit(0)


def _end_when_idle(front: Front, launches: Listener, seconds: float) -> None:
    while launches.busy or time.time() - front.last_use < seconds:
        time.sleep(min(_LOOK_EVERY, max(0.05, seconds / 4)))
    os.kill(os.getpid(), signal.SIGTERM)

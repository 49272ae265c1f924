"""The launcher's application behind a real server, on a port of 127.0.0.1, in a thread of the test's process."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from fastapi import FastAPI

#: Seconds; a machine that runs three tests on two cores takes its time.
_DEADLINE = 60.0
#: It is plain HTTP; reading the machine's certificates would take longer than a test.
_EMPTY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@contextmanager
def served(app: FastAPI) -> Iterator[httpx.Client]:
    """A client of the running application."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on", timeout_graceful_shutdown=5))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        _wait(server, thread)
        try:
            with httpx.Client(
                base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=_DEADLINE, trust_env=False, verify=_EMPTY
            ) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(_DEADLINE)


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _DEADLINE
    while not server.started:
        assert thread.is_alive(), "the server ended before it served"
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.005)

"""Requests reach moto one at a time, because its backends bear no two."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterable
from typing import Any

from modules.rehearsal.emulator.front import Front


def test_moto_answers_one_request_at_a_time() -> None:
    inside: set[int] = set()
    most: list[int] = []

    def moto(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        inside.add(threading.get_ident())
        most.append(len(inside))
        # Long enough for another thread to come in, if it could.
        time.sleep(0.005)
        inside.discard(threading.get_ident())
        start_response("200 OK", [])
        return [b"{}"]

    front = Front(moto, "token")
    together = threading.Barrier(4)

    def ask() -> None:
        together.wait()
        environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/", "wsgi.input": io.BytesIO(b"")}
        list(front(environ, lambda *_: None))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1, 1]

"""A port of this machine that ends at a pod's, through the cluster's API: each connection is a port-forward of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from modules.common.errors import HubError

_CHUNK = 65536
#: Who dials: gives a connected socket, or raises HubError.
Dial = Callable[[], socket.socket]


@contextmanager
def listening(dial: Dial) -> Iterator[int]:
    """A port of 127.0.0.1 whose connections end where `dial` leads. Raises what the first `dial` raises.

    Nobody else can read along: what goes through is TLS between the client and Vault.
    """
    # A refusal of the cluster is a sentence here, and a mute end of the connection later.
    first: list[socket.socket] = [dial()]
    server = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_serve, args=(server, dial, first), daemon=True)
    thread.start()
    try:
        yield int(server.getsockname()[1])
    finally:
        # close() alone leaves accept() waiting on Linux.
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()
        for unused in first:
            unused.close()


def _serve(server: socket.socket, dial: Dial, ready: list[socket.socket]) -> None:
    while True:
        try:
            near, _ = server.accept()
        except OSError:
            return
        try:
            far = ready.pop() if ready else dial()
        except HubError:
            near.close()
            continue
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Until one side ends, which ends the other."""
    try:
        while data := source.recv(_CHUNK):
            sink.sendall(data)
    except OSError:
        pass
    finally:
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

"""The port that launches come to: a script says which provider it wants, and where, and is told where its server is."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modules.rehearsal.standin.backend import Backend

if TYPE_CHECKING:
    from modules.rehearsal.standin.host import Host

_HELLO_SECONDS = 10.0
_AFTER_ERROR = 0.1
#: Two lines, the second a path.
_HELLO_MAX = 8192


@dataclass(frozen=True)
class Hello:
    """What a launch says. secure: Terraform wants TLS. folder: where Terraform runs."""

    provider: str
    secure: bool
    folder: Path


class Listener:
    """Serves launches on a free loopback port, each with a server of its own that ends with its launch.

    make: a backend for one launch, from the folder Terraform runs in. used: called when a launch comes and when it goes.
    """

    def __init__(self, make: Callable[[Path], Backend], used: Callable[[], None] = lambda: None) -> None:
        self._make, self._used = make, used
        self._hosts: set[Host] = set()
        self._lock, self._closed = threading.Lock(), False
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, name="standin-listener", daemon=True).start()

    @property
    def busy(self) -> int:
        """How many launches are being served."""
        with self._lock:
            return len(self._hosts)

    def close(self) -> None:
        """Take no more launches and end those under way. May be called twice."""
        self._closed = True
        with contextlib.suppress(OSError):
            # A thread that waits in accept() does not notice a close.
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with self._lock:
            hosts = tuple(self._hosts)
        for host in hosts:
            host.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                # Closed, or out of file handles for a moment.
                time.sleep(_AFTER_ERROR)
                continue
            threading.Thread(target=self._serve, args=(connection,), name="standin-launch", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """One launch, from its first line to its end."""
        with connection:
            host = self._open(connection)
            if host is None:
                return
            with self._lock:
                self._hosts.add(host)
            self._used()
            try:
                connection.sendall(f"{host.handshake}\n".encode())
                threading.Thread(target=_watch, args=(connection, host.provider.ended), daemon=True).start()
                host.provider.ended.wait()
            except OSError:
                pass
            finally:
                host.close()
                _hang_up(connection)
                with self._lock:
                    self._hosts.discard(host)
                self._used()

    def _open(self, connection: socket.socket) -> Host | None:
        """The server for a launch; None, and nothing said, to a stranger."""
        from modules.rehearsal.standin.catalogue import PROVIDERS
        from modules.rehearsal.standin.host import Host
        from modules.rehearsal.standin.servicer import Provider

        hello = _hello(connection)
        if hello is None or hello.provider not in PROVIDERS:
            return None
        try:
            return Host(Provider(hello.provider, self._make(hello.folder)), secure=hello.secure)
        except Exception as error:
            sys.stderr.write(f"stand-in {hello.provider} could not be served: {type(error).__name__}: {error}\n")
            return None


def _hello(connection: socket.socket) -> Hello | None:
    """The two lines of a launch; None for anything else."""
    connection.settimeout(_HELLO_SECONDS)
    said = b""
    try:
        while said.count(b"\n") < 2 and len(said) < _HELLO_MAX:
            part = connection.recv(_HELLO_MAX)
            if not part:
                return None
            said += part
        connection.settimeout(None)
        first, folder, _ = os.fsdecode(said).split("\n", 2)
        provider, *wishes = first.split()
    except (OSError, ValueError):
        return None
    return Hello(provider, "tls" in wishes, Path(folder))


def _hang_up(connection: socket.socket) -> None:
    """End the line at once: a close alone waits for the thread that reads it, and Terraform for the script."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _watch(connection: socket.socket, ended: threading.Event) -> None:
    """Set `ended` when the script's end of the line goes."""
    try:
        while connection.recv(_HELLO_MAX):
            pass
    except OSError:
        pass
    ended.set()

"""The certificate: real TLS on loopback, with certificates of a small authority that this process trusts, or does not."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from modules.config.models import HubConfig
from modules.ops.verify.checks.certificate import CERTIFICATE
from modules.ops.verify.run import run_checks
from modules.ops.verify.scene import Options
from tests._support.certificates import self_signed
from tests._support.evidence import Evidence
from tests.unit.ops_verify.conftest import Stage

Serve = Callable[..., int]


class Listener:
    """Shakes hands by TLS with whoever comes, and says no more."""

    def __init__(self, file: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(file)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _run(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            try:
                self._context.wrap_socket(peer, server_side=True).close()
            except OSError:
                peer.close()


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Gives the port of a listener whose certificate is for `address` and ends in `days`."""
    started: list[Listener] = []

    def run(address: str, days: float, *, trusted: bool = True) -> int:
        file = tmp_path / "hub.pem"
        self_signed(file, address=address, days=days)
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(file))
        started.append(Listener(file))
        return started[-1].port

    yield run
    for each in started:
        each.close()


@pytest.mark.parametrize(
    ("address", "days", "trusted", "state", "words"),
    [
        ("127.0.0.1", 60.5, True, "ok", "good for 127.0.0.1, 60 days left"),
        ("127.0.0.1", 3.4, True, "failed", "ends in 3 days"),
        ("127.0.0.1", -1, True, "failed", "certificate has expired"),
        ("192.0.2.1", 60, True, "failed", "IP address mismatch"),
        ("127.0.0.1", 60, False, "failed", "self-signed certificate"),
    ],
)
def test_what_a_browser_would_say(
    stage: Stage, config: HubConfig, serve: Serve, address: str, days: float, trusted: bool, state: str, words: str, evidence: Evidence
) -> None:
    port = serve(address, days, trusted=trusted)
    (found,) = run_checks(stage(config, options=Options(url=f"https://127.0.0.1:{port}")), [CERTIFICATE])
    assert found.state == state
    assert words in found.said
    evidence.record("./hub verify: certificate", "faulted", "real TLS on loopback: expired, soon to end, of another name, not trusted")


def test_nothing_speaks_tls(stage: Stage, config: HubConfig) -> None:
    (found,) = run_checks(stage(config, options=Options(url="https://127.0.0.1:1")), [CERTIFICATE])
    assert (found.state, found.said) == ("failed", "127.0.0.1:1 makes no TLS connection (ConnectionRefusedError)")

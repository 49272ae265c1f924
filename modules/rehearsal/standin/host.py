"""One launch of a provider as a gRPC server on a Unix socket of its own."""

from __future__ import annotations

import base64
import datetime
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

from modules.rehearsal.standin import protocol
from modules.rehearsal.standin.servicer import Provider

#: Terraform works on ten resources at a time; an answer that waits for another must not keep a third from being asked.
_THREADS = 16
#: Above any schema or value; the library's own limit of 4 MB is below a large release's.
_LIMITS = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))
_GO_PLUGIN, _PROTOCOL = 1, 6
_LONG = 60


@dataclass(frozen=True)
class Certificate:
    """der: what goes into the handshake. key, pem: what the server needs."""

    der: bytes
    key: bytes
    pem: bytes


class Host:
    """Serves `provider` until `close`. secure: with TLS, which Terraform expects of what it starts itself."""

    def __init__(self, provider: Provider, *, secure: bool) -> None:
        import grpc

        self.provider = provider
        # Readable by this user alone. The path of a socket has room for about a hundred bytes.
        self._folder = tempfile.mkdtemp(prefix="hubsmith-standin-", dir="/tmp" if len(tempfile.gettempdir()) > _LONG else None)
        self.socket = f"{self._folder}/socket"
        self._certificate = certificate() if secure else None
        self._server = grpc.server(ThreadPoolExecutor(_THREADS, "standin"), options=_LIMITS)
        self._server.add_generic_rpc_handlers(_handlers(provider))
        if self._certificate is None:
            self._server.add_insecure_port(f"unix:{self.socket}")
        else:
            credentials = grpc.ssl_server_credentials([(self._certificate.key, self._certificate.pem)])
            self._server.add_secure_port(f"unix:{self.socket}", credentials)
        self._server.start()

    @property
    def handshake(self) -> str:
        """The line by which a plugin says where it is (go-plugin/docs/internals.md)."""
        line = f"{_GO_PLUGIN}|{_PROTOCOL}|unix|{self.socket}|grpc"
        if self._certificate is None:
            return line
        return f"{line}|{base64.b64encode(self._certificate.der).decode().rstrip('=')}"

    def close(self) -> None:
        """Stop serving, letting an answer under way go out, and leave nothing behind. May be called twice."""
        self.provider.ended.set()
        self._server.stop(grace=0.5).wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _handlers(provider: Provider) -> tuple[Any, ...]:
    """gRPC's own handlers for every method of the protocol."""
    import grpc

    services: dict[str, dict[str, Any]] = {}
    for method in protocol.methods():
        answer = getattr(provider, method.answered_by)
        if method.streams:
            handler = grpc.unary_stream_rpc_method_handler(_until_gone(answer, provider), method.read, method.write)
        else:
            handler = grpc.unary_unary_rpc_method_handler(
                lambda question, _context, answer=answer: answer(question), method.read, method.write
            )
        services.setdefault(method.service, {})[method.name] = handler
    return tuple(grpc.method_handlers_generic_handler(service, handlers) for service, handlers in services.items())


def _until_gone(answer: Callable[[Any], Any], provider: Provider) -> Callable[[Any, Any], Any]:
    """A stream that ends the launch when whoever listens to it is gone."""

    def stream(question: Any, context: Any) -> Any:
        context.add_callback(provider.ended.set)
        return answer(question)

    return stream


@cache
def certificate() -> Certificate:
    """A certificate of this process's own, as go-plugin wants it: for localhost, and its own authority."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        # A clock that was set back must not make it invalid; an emulator lives some hours.
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Certificate(made.public_bytes(serialization.Encoding.DER), private, made.public_bytes(serialization.Encoding.PEM))

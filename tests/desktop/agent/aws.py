"""moto's SSM, Secrets Manager and STS on loopback, with throttling, outages and tokens that expire."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

import boto3
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

REGION = "eu-west-1"


@dataclass
class FakeAws:
    """Behaviour that tests change while it runs; `calls` counts what was asked, by action."""

    url: str = ""
    faults: dict[str, tuple[str, int]] = field(default_factory=dict)  # action -> (error code, how often)
    token: str = ""  # the only web identity token that STS takes; empty: every one
    lifetime: int = 3600  # seconds that credentials from STS are good for
    calls: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What steers boto3 here."""
        return {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}

    def client(self, service: str) -> Any:
        """A client of the test's own, which faults hit too."""
        return _client(service, self.url)

    def reset(self) -> None:
        """An empty account without faults."""
        request = urllib.request.Request(f"{self.url}/moto-api/reset", method="POST")
        urllib.request.urlopen(request, timeout=10).close()
        self.faults, self.token, self.lifetime = {}, "", 3600
        self.calls.clear()
        self.bodies.clear()

    def secret(self, name: str, value: str) -> None:
        """Writes a secret, or its next version."""
        client = self.client("secretsmanager")
        try:
            client.create_secret(Name=name, SecretString=value)
        except client.exceptions.ResourceExistsException:
            client.put_secret_value(SecretId=name, SecretString=value)

    def parameters(self) -> dict[str, str]:
        """Every SSM parameter and its value."""
        found = self.client("ssm").get_parameters_by_path(Path="/", Recursive=True)["Parameters"]
        return {one["Name"]: one["Value"] for one in found}

    def answer(self, request: Request) -> Response | None:
        """What stands in front of moto has to say; None lets the request through."""
        action = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        body = request.get_data(cache=True)
        form = {} if action else {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
        action = action or form.get("Action", "")
        self.calls.append(action)
        self.bodies.append(body)
        code, times = self.faults.get(action, ("", 0))
        if times > 0:
            self.faults[action] = code, times - 1
            return _error(code)
        return self._web_identity(form) if action == "AssumeRoleWithWebIdentity" else None

    def _web_identity(self, form: dict[str, str]) -> Response:
        if self.token and form["WebIdentityToken"] != self.token:
            return _xml("<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredTokenException</Code></Error></ErrorResponse>", 400)
        ends = (datetime.now(UTC) + timedelta(seconds=self.lifetime)).strftime("%Y-%m-%dT%H:%M:%SZ")
        names = {"AccessKeyId": "testing", "SecretAccessKey": "testing", "SessionToken": "testing", "Expiration": ends}
        keys = "".join(f"<{name}>{value}</{name}>" for name, value in names.items())
        result = f"<AssumeRoleWithWebIdentityResult><Credentials>{keys}</Credentials></AssumeRoleWithWebIdentityResult>"
        return _xml(f"<AssumeRoleWithWebIdentityResponse>{result}</AssumeRoleWithWebIdentityResponse>", 200)


@contextmanager
def serve_aws() -> Iterator[FakeAws]:
    """A FakeAws on a free port of 127.0.0.1."""
    fake, moto = FakeAws(), DomainDispatcherApplication(create_backend_app)

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        own = None if request.path.startswith("/moto-api") else fake.answer(request)
        # The body was read once; moto reads it again.
        return (own or moto)({**environ, "wsgi.input": BytesIO(request.get_data(cache=True))}, start)

    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """A line a request would bury a failing test's own lines."""


def _error(code: str) -> Response:
    status = 500 if code.startswith("Internal") else 400
    return Response(f'{{"__type": "{code}", "message": "by the test"}}', status, content_type="application/x-amz-json-1.1")


def _xml(text: str, status: int) -> Response:
    return Response(text, status, content_type="text/xml")


@lru_cache
def _client(service: str, url: str) -> Any:
    return boto3.client(service, endpoint_url=url, region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing")

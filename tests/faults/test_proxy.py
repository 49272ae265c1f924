"""The proxy's own promises, asked by boto3: without a rule it changes nothing, with one it answers as that service would."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError

from tests.faults.proxy import Delay, Drop, GoDark, Proxy, Refuse, Rewrite, Rule

#: A body that a proxy which takes text for text would spoil.
BODY = bytes(range(256)) * 40


class _Echo(BaseHTTPRequestHandler):
    """Answers every request with what it was sent."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(201 if self.command == "PUT" else 200)
        self.send_header("X-Method", f"{self.command} {self.path}")
        self.send_header("X-Host", str(self.headers.get("Host")))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _answer  # noqa: N815  # the names that http.server calls


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    """Something to be in front of."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def proxy(echo: str) -> Iterator[Proxy]:
    """A fresh proxy."""
    with Proxy(echo) as running:
        yield running


def _client(proxy: Proxy, service: str) -> Any:
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=2)
    session = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name="eu-west-1")
    make: Any = session.client
    return make(service, endpoint_url=proxy.url, config=config)


CALLS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("ec2", "CreateVpc", "create_vpc", {"CidrBlock": "10.0.0.0/24"}),
    ("iam", "CreateRole", "create_role", {"RoleName": "a", "AssumeRolePolicyDocument": "{}"}),
    ("sts", "GetCallerIdentity", "get_caller_identity", {}),
    ("dynamodb", "PutItem", "put_item", {"TableName": "locks", "Item": {"LockID": {"S": "a"}}}),
    ("kms", "CreateKey", "create_key", {}),
    ("s3", "PUT /states/fx/data.tfstate", "put_object", {"Bucket": "states", "Key": "fx/data.tfstate", "Body": BODY}),
    ("eks", "POST /clusters", "create_cluster", {"name": "a", "roleArn": "a", "resourcesVpcConfig": {}}),
    ("route53", "GET /2013-04-01/hostedzone", "list_hosted_zones", {}),
]


@pytest.mark.parametrize(("service", "action", "method", "arguments"), CALLS, ids=[row[0] for row in CALLS])
def test_a_refusal_has_the_form_of_its_service(proxy: Proxy, service: str, action: str, method: str, arguments: dict[str, Any]) -> None:
    proxy.plant(Rule(service, action, Refuse("MadeUp", "not <today> & not you", 403), times=1))
    with pytest.raises(ClientError) as caught:
        getattr(_client(proxy, service), method)(**arguments)
    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("MadeUp", "not <today> & not you")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert proxy.count(service, action, "Refuse") == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_without_a_rule_nothing_changes(proxy: Proxy, method: str) -> None:
    status, headers, body = _raw(proxy, method, BODY)
    assert (status, body) == (201 if method == "PUT" else 200, BODY)
    assert headers["X-Method"] == f"{method} /a%20b?c=d%2F"
    assert headers["X-Host"] == "ec2.example"


def test_a_head_has_a_length_and_no_body(proxy: Proxy) -> None:
    assert _raw(proxy, "HEAD", b"")[2] == b""


def test_a_body_in_chunks_arrives_whole(proxy: Proxy) -> None:
    assert _raw(proxy, "PUT", iter([BODY, b"x", BODY]))[2] == BODY + b"x" + BODY


def _raw(proxy: Proxy, method: str, body: Any, agent: str = "test") -> tuple[int, Any, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", int(proxy.url.rpartition(":")[2]), timeout=5)
    try:
        headers = {"Host": "ec2.example", "User-Agent": agent}
        connection.request(method, "/a%20b?c=d%2F", body=body, headers=headers, encode_chunked=not isinstance(body, bytes))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def test_a_rule_waits_for_its_turn_and_is_used_up(proxy: Proxy) -> None:
    proxy.plant(Rule("kms", "Create*", Refuse("MadeUp"), times=2, after=1))
    kms = _client(proxy, "kms")
    said = [_refused(lambda: kms.create_key(Description="a")) for _ in range(5)]
    assert said == [False, True, True, False, False]
    assert proxy.heal() == {"kms Create*": 2}
    assert proxy.count("kms", "CreateKey") == 5


def test_rules_are_counted_across_threads(proxy: Proxy) -> None:
    proxy.plant(Rule("kms", "CreateKey", Refuse("MadeUp"), times=7))
    said: list[bool] = []
    threads = [threading.Thread(target=lambda: said.append(_refused(_client(proxy, "kms").create_key))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (said.count(True), said.count(False)) == (7, 5)


def _refused(call: Any) -> bool:
    try:
        call()
    except ClientError:
        return True
    return False


@pytest.mark.parametrize("fault", [Drop(), Drop(passed_on=True)])
def test_a_drop_closes_without_an_answer(proxy: Proxy, fault: Drop) -> None:
    proxy.plant(Rule("kms", "*", fault, times=1))
    with pytest.raises((ConnectionClosedError, EndpointConnectionError)):
        _client(proxy, "kms").create_key()
    _client(proxy, "kms").create_key()


def test_darkness_begins_with_a_request_and_ends_when_told(proxy: Proxy) -> None:
    proxy.plant(Rule("ec2", "CreateVpc", GoDark()))
    kms = _client(proxy, "kms")
    kms.create_key()
    with pytest.raises((ConnectionClosedError, EndpointConnectionError)):
        _client(proxy, "ec2").create_vpc(CidrBlock="10.0.0.0/24")
    with pytest.raises((ConnectionClosedError, EndpointConnectionError)):
        kms.create_key()
    proxy.heal()
    kms.create_key()


def test_a_delay_answers_late_and_unchanged(proxy: Proxy) -> None:
    proxy.plant(Rule("", "PUT *", Delay(0.05), times=1))
    assert _raw(proxy, "PUT", BODY)[2] == BODY


def test_an_answer_can_be_rewritten_for_one_client(proxy: Proxy) -> None:
    proxy.plant(Rule("", "PUT *", Rewrite("old", "other"), agent="*Terraform*"))
    assert [_raw(proxy, "PUT", b"an old body", agent)[2] for agent in ("HashiCorp Terraform/1.11", "Boto3/1")] == [
        b"an other body",
        b"an old body",
    ]


def test_after_the_end_nobody_listens(echo: str) -> None:
    with Proxy(echo) as proxy:
        port = int(proxy.url.rpartition(":")[2])
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_the_json_form_names_the_code_in_body_and_header(proxy: Proxy) -> None:
    proxy.plant(Rule("", "DescribeTable", Refuse("MadeUp", "words")))
    connection = http.client.HTTPConnection("127.0.0.1", int(proxy.url.rpartition(":")[2]), timeout=5)
    connection.request("POST", "/", body=b"{}", headers={"X-Amz-Target": "DynamoDB_20120810.DescribeTable"})
    answer = connection.getresponse()
    assert answer.headers["x-amzn-ErrorType"] == "MadeUp"
    assert json.loads(answer.read()) == {"__type": "MadeUp", "message": "words"}
    connection.close()

"""AWS's wire forms, as far as a proxy needs them: which call a request is, and how each protocol says no.

Sources: https://smithy.io/2.0/aws/protocols/ (aws-query, ec2Query, awsJson, restJson1, restXml), and for S3
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from io import BufferedIOBase
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

#: `Credential=<key>/<day>/<region>/<service>/aws4_request`
_SIGNED_FOR = re.compile(r"Credential=[^/]+/\d+/[^/]+/(?P<service>[\w-]+)/aws4_request")
_FORM = "application/x-www-form-urlencoded"
#: Services that speak XML over plain HTTP methods.
_REST_XML = ("route53", "cloudfront")


@dataclass(frozen=True)
class Request:
    """service: whom it is signed for, "" for none. action: an operation, or "METHOD /path". form: how its errors are written.

    agent: what the client calls itself.
    """

    service: str
    action: str
    form: str
    body: bytes
    agent: str = ""


def matches(value: str, pattern: str) -> bool:
    """Whether `value` is `pattern`, in which * stands for anything."""
    return fnmatchcase(value, pattern)


def read_request(method: str, path: str, headers: Mapping[str, str], source: BufferedIOBase) -> Request:
    """The request whose head was read; `source` gives its body."""
    headers = {name.lower(): value for name, value in headers.items()}
    service, action, form, body = _call(method, path, headers, source)
    return Request(service, action, form, body, headers.get("user-agent", ""))


def _call(method: str, path: str, headers: Mapping[str, str], source: BufferedIOBase) -> tuple[str, str, str, bytes]:
    body = _body(headers, source)
    signed = _SIGNED_FOR.search(headers.get("authorization") or "")
    service = signed["service"] if signed else ""
    target = headers.get("x-amz-target")
    if target:
        return service, target.rpartition(".")[2], "json", body
    if (headers.get("content-type") or "").startswith(_FORM):
        action = parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
        if action:
            return service, action, "ec2" if service == "ec2" else "query", body
    form = "s3" if service == "s3" else "rest-xml" if service in _REST_XML else "rest-json"
    return service, f"{method} {unquote(urlsplit(path).path)}", form, body


def error_body(request: Request, code: str, message: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of an error in the form that the request's service uses."""
    words = {"code": escape(code), "message": escape(message)}
    if request.form in _XML:
        return {"Content-Type": "text/xml", "x-amzn-RequestId": "fault-0001"}, _XML[request.form].format(**words).encode()
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "fault-0001", "x-amzn-ErrorType": code}
    return headers, json.dumps({"__type": code, "message": message}).encode()


_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_XML = {
    "ec2": f"{_HEAD}<Response><Errors><Error><Code>{{code}}</Code><Message>{{message}}</Message></Error></Errors>"
    "<RequestID>fault-0001</RequestID></Response>",
    "query": f"{_HEAD}<ErrorResponse><Error><Type>Sender</Type><Code>{{code}}</Code><Message>{{message}}</Message></Error>"
    "<RequestId>fault-0001</RequestId></ErrorResponse>",
    "rest-xml": f"{_HEAD}<ErrorResponse><Error><Type>Sender</Type><Code>{{code}}</Code><Message>{{message}}</Message></Error>"
    "<RequestId>fault-0001</RequestId></ErrorResponse>",
    "s3": f"{_HEAD}<Error><Code>{{code}}</Code><Message>{{message}}</Message><RequestId>fault-0001</RequestId></Error>",
}


def _body(headers: Mapping[str, str], source: BufferedIOBase) -> bytes:
    if (headers.get("transfer-encoding") or "").lower() != "chunked":
        return source.read(int(headers.get("content-length") or 0))
    found = b""
    while size := int(source.readline().partition(b";")[0], 16):
        found += source.read(size)
        source.readline()
    # Trailers, then an empty line.
    while source.readline().strip():
        pass
    return found

"""boto3 clients as this project wants them, and reading all pages of an answer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config

#: Throttling and 5xx are tried again by botocore itself; the time-outs keep a dead network from looking like patience.
_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 6}, connect_timeout=10, read_timeout=60)
#: Where AWS lists what belongs to no region.
GLOBAL_REGION = "us-east-1"


def client(session: boto3.Session, service: str, region: str) -> Any:
    """A client of one service. The endpoint comes from the environment (AWS_ENDPOINT_URL), which is how a rehearsal works."""
    make: Any = session.client
    return make(service, region_name=region, config=_CONFIG)


def pages(client: Any, operation: str, result: str, **arguments: Any) -> Iterator[Any]:
    """Every item under `result` of all pages of one list or describe call; one page where the service knows no paging."""
    if client.can_paginate(operation):
        for page in client.get_paginator(operation).paginate(**arguments):
            yield from page.get(result) or ()
    else:
        yield from getattr(client, operation)(**arguments).get(result) or ()


class Clients:
    """The clients of one run, made when first asked for."""

    def __init__(self, session: boto3.Session, region: str) -> None:
        self.region = region
        self.session = session
        self._made: dict[tuple[str, str], Any] = {}

    @cached_property
    def account(self) -> str:
        """The account these credentials belong to."""
        return str(self.get("sts").get_caller_identity()["Account"])

    def get(self, service: str, region: str = "") -> Any:
        """The client of `service`, in the env's region unless another is given."""
        key = (service, region or self.region)
        if key not in self._made:
            self._made[key] = client(self.session, *key)
        return self._made[key]

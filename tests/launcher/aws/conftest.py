"""moto's EKS and STS over HTTP, a cluster in them, and its API."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto.core.responses import ActionAuthenticatorMixin
from moto.moto_api._internal import moto_api_backend
from moto.server import ThreadedMotoServer

from tests.launcher.aws.cluster_api import ClusterApi

REGION, CLUSTER = "us-west-2", "hydro-eks"


class Clock:
    """The real time, and what a test adds to it: moto's sessions end by the real one."""

    def __init__(self) -> None:
        self._added = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._added

    def move(self, **amount: float) -> None:
        self._added += timedelta(**amount)


class Secrets:
    """A store whose secrets a test rotates."""

    def __init__(self, **values: dict[str, str]) -> None:
        self.values = values
        self.reads = 0

    def get(self, name: str, key: str | None = None) -> str:
        self.reads += 1
        return self.values[name][key or "value"]


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def cloud(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An account with one cluster, to which every AWS client of this process speaks; the environment holds no keys."""
    moto_api_backend.reset()
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_url)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    client("eks").create_cluster(name=CLUSTER, roleArn="arn:aws:iam::123456789012:role/x", resourcesVpcConfig={"subnetIds": []})
    return moto_url


@pytest.fixture
def api(cloud: str) -> Iterator[ClusterApi]:
    with ClusterApi(CLUSTER) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


def client(service: str) -> Any:
    """The account's owner: makes what a test needs."""
    return boto3.client(service, region_name=REGION, aws_access_key_id="owner", aws_secret_access_key="owner")


@pytest.fixture
def judged(cloud: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """From here on moto checks signatures and policies; the keys of a user who may take roles, as creds.json has them."""
    iam = client("iam")
    iam.create_user(UserName="hydro")
    key = iam.create_access_key(UserName="hydro")["AccessKey"]
    allowed = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:*", "Resource": "*"}]}'
    iam.put_user_policy(UserName="hydro", PolicyName="roles", PolicyDocument=allowed)
    monkeypatch.setattr("moto.settings.INITIAL_NO_AUTH_ACTION_COUNT", 0)
    monkeypatch.setattr(ActionAuthenticatorMixin, "request_count", 0)
    return {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}

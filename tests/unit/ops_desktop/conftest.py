"""An env with desktops whose state, account (moto) and cluster (a fake API) are inside this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from modules.config.models import HubConfig
from modules.ops.target import Target
from tests.unit.ops_aws.support import ACCOUNT, make_config, new_session
from tests.unit.ops_desktop.fake_cluster import FakeCluster, serve

DESKTOP = {"image": "dcv:1", "cidrs": ["198.51.100.0/24"], "pool": "desktop"}
POOLS = {
    "default": {"families": ["m5"], "sizes": ["xlarge"]},
    "desktop": {"purpose": "desktop", "families": ["g4dn"], "sizes": ["xlarge"], "gpu": "nvidia", "hop_limit": 2},
}
OUTPUTS = {
    "DcvEksRoleArn": f"arn:aws:iam::{ACCOUNT}:role/lab-dcv-agent",
    "DcvNamespace": "dcv",
    "DcvNodeport": "31980",
    "DcvDisplayParameterName": "/hubsmith/lab/dcv/dcv-display",
    "DcvSocketMountPathParameterName": "/hubsmith/lab/dcv/dcv-socket-mount-path",
}


def desktop_config(top: dict[str, Any] | None = None, **changes: Any) -> HubConfig:
    """An env with desktops; keyword arguments replace fields of its section, `top` fields of the env."""
    return make_config(**{"pools": POOLS, "desktop": {**DESKTOP, **changes}, **(top or {})})


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    """A session whose calls end in moto."""
    with mock_aws():
        yield new_session()


@pytest.fixture
def target(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Target:
    """That account, as every verb finds it."""
    found = Target({}, {}, session, ACCOUNT, False, "account in moto")
    monkeypatch.setattr("modules.ops.installed.resolve_target", lambda root, config: found)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return found


@pytest.fixture
def install(session: boto3.Session) -> Callable[..., None]:
    """Writes the state of stack desktop, as an install leaves it."""

    def write(config: HubConfig, **more: Any) -> None:
        s3 = session.client("s3", region_name=config.region)
        s3.create_bucket(Bucket=config.state_bucket, CreateBucketConfiguration={"LocationConstraint": config.region})
        resource = {"mode": "managed", "type": "aws_ssm_parameter", "name": "display", "instances": [{"attributes": {"id": "x"}}]}
        outputs = {name: {"value": value} for name, value in {**OUTPUTS, **more}.items()}
        body = {"version": 4, "serial": 1, "resources": [resource], "outputs": outputs}
        s3.put_object(Bucket=config.state_bucket, Key=f"{config.env}/{config.env}-desktop.tfstate", Body=json.dumps(body))

    return write


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCluster]:
    """A cluster that every verb finds, by the kubeconfig of the environment."""
    with serve(FakeCluster()) as made:
        kubeconfig = tmp_path / "kubeconfig"
        named = {"cluster": {"server": made.url}, "name": "fake"}
        context = {"context": {"cluster": "fake", "user": "me"}, "name": "fake"}
        kubeconfig.write_text(
            json.dumps({"clusters": [named], "contexts": [context], "current-context": "fake", "users": [{"name": "me", "user": {}}]})
        )
        monkeypatch.setenv("HUB_KUBECONFIG", str(kubeconfig))
        yield made

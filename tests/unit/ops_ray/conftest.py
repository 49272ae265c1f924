"""An env with Ray clusters whose state is in moto and whose cluster is inside this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from modules.config.models import HubConfig
from modules.ops.target import Target
from tests.unit.ops_aws.support import ACCOUNT, make_config, new_session
from tests.unit.ops_ray.fake_cluster import IMAGE, FakeCluster

_STATIC = {"image": IMAGE, "pool": "ray", "instance_type": "m5.2xlarge"}
_POOLS = {
    "default": {"families": ["m5"], "sizes": ["xlarge"]},
    "ray": {"purpose": "ray", "families": ["m5"], "sizes": ["2xlarge"]},
}


def ray_config(*names: str, **more: dict[str, Any]) -> HubConfig:
    """Static clusters of these names; `more`: others, with what differs from those."""
    clusters = dict.fromkeys(names, _STATIC) | {name: _STATIC | changes for name, changes in more.items()}
    return make_config(pools=_POOLS, ray=clusters)


@pytest.fixture
def install() -> Iterator[Callable[[HubConfig], None]]:
    """Writes the state of stack ray, as an install leaves it."""
    with mock_aws():
        yield _write


@pytest.fixture
def target(install: Callable[[HubConfig], None], monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    """The account that every verb finds."""
    session = new_session()
    found = Target({}, {}, session, ACCOUNT, False, "account in moto")
    monkeypatch.setattr("modules.ops.installed.resolve_target", lambda root, config: found)
    return session


@pytest.fixture
def cluster(target: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    """The cluster that every verb finds."""
    made = FakeCluster()
    monkeypatch.setattr("modules.ops.ray.scene.open_cluster", lambda root, config, target: made)
    return made


def _write(config: HubConfig) -> None:
    s3 = new_session().client("s3", region_name=config.region)
    s3.create_bucket(Bucket=config.state_bucket, CreateBucketConfiguration={"LocationConstraint": config.region})
    resource = {"mode": "managed", "type": "helm_release", "name": "ray-default", "instances": [{"attributes": {"id": "x"}}]}
    body = {"version": 4, "serial": 1, "resources": [resource], "outputs": {}}
    s3.put_object(Bucket=config.state_bucket, Key=f"{config.env}/{config.env}-ray.tfstate", Body=json.dumps(body))

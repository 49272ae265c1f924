"""Reading state objects."""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import boto3
import pytest

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.state import known_stacks, parse_state, stack_state, stacks_with_state, state_key, state_saved_at

_HOUR = 3600.0


def resource(type: str, name: str, *instances: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"mode": "managed", "type": type, "name": name, "instances": list(instances), **more}


def state(*resources: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"version": 4, "serial": 7, "resources": list(resources), **more}).encode()


@pytest.mark.parametrize(
    ("entry", "addresses"),
    [
        (resource("aws_vpc", "main", {"attributes": {"id": "vpc-1"}}), {"aws_vpc.main"}),
        (resource("aws_subnet", "a", {"index_key": 0}, {"index_key": 1}), {"aws_subnet.a[0]", "aws_subnet.a[1]"}),
        (resource("aws_subnet", "a", {"index_key": "x y"}), {'aws_subnet.a["x y"]'}),
        (resource("aws_subnet", "a", {"index_key": 'q"t'}), {'aws_subnet.a["q\\"t"]'}),
        (resource("aws_vpc", "main", {}, module="module.net"), {"module.net.aws_vpc.main"}),
        (resource("aws_vpc", "main", {}) | {"mode": "data"}, set()),
        (resource("aws_vpc", "main"), set()),
    ],
)
def test_addresses_are_terraforms(entry: dict[str, Any], addresses: set[str]) -> None:
    assert parse_state(state(entry), "lab-x").addresses == addresses


def test_ids_and_outputs() -> None:
    found = parse_state(state(resource("aws_vpc", "main", {"attributes": {"id": "vpc-1"}}), outputs={"vpc_id": {"value": "vpc-1"}}), "s")
    assert [(item.type, item.id) for item in found.resources] == [("aws_vpc", "vpc-1")]
    assert found.outputs == {"vpc_id": "vpc-1"}
    assert found.serial == 7


def test_attributes_and_outputs_never_show_in_a_message() -> None:
    found = parse_state(state(resource("aws_x", "x", {"attributes": {"password": "hunter2"}}), outputs={"p": {"value": "hunter2"}}), "s")
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'{"serial": 1}', b'{"version": 3}'])
def test_what_is_no_state_is_refused_with_a_way_out(body: bytes) -> None:
    with pytest.raises(HubError, match="state object of lab-x") as caught:
        parse_state(body, "lab-x")
    assert "older version" in caught.value.fix


def test_from_the_bucket(session: boto3.Session, s3: Any, config: HubConfig) -> None:
    assert stack_state(session, config, "lab-data") is None
    assert stacks_with_state(session, config) == known_stacks(session, config) == ()
    s3.create_bucket(Bucket=config.state_bucket, CreateBucketConfiguration={"LocationConstraint": config.region})
    assert stack_state(session, config, "lab-data") is None
    keys = ("lab-network.tfstate", "lab-data.tfstate", "lab-data.tfstate.tflock", "lab-cluster.tfstate.tflock")
    for key in (*(f"lab/{key}" for key in keys), "other/other-data.tfstate"):
        s3.put_object(Bucket=config.state_bucket, Key=key, Body=state(resource("aws_vpc", "main", {})))
    found = stack_state(session, config, "lab-data")
    assert found is not None
    assert found.addresses == {"aws_vpc.main"}
    assert stacks_with_state(session, config) == ("lab-data", "lab-network")
    assert known_stacks(session, config) == ("lab-cluster", "lab-data", "lab-network"), "a killed first run leaves a lock and no state"
    assert state_key(config, "lab-data") == "lab/lab-data.tfstate"


def test_when_it_was_saved(session: boto3.Session, s3: Any, config: HubConfig) -> None:
    assert state_saved_at(session, config, "lab-data") == 0.0
    s3.create_bucket(Bucket=config.state_bucket, CreateBucketConfiguration={"LocationConstraint": config.region})
    assert state_saved_at(session, config, "lab-data") == 0.0
    s3.put_object(Bucket=config.state_bucket, Key=state_key(config, "lab-data"), Body=state())
    written = s3.head_object(Bucket=config.state_bucket, Key=state_key(config, "lab-data"))["LastModified"].timestamp()
    assert abs(state_saved_at(session, config, "lab-data") - written) < _HOUR


@pytest.mark.parametrize("date", ["Sat, 21 Nov 2026 12:00:00 GMT", "Sat, 21 Nov 2026 13:00:00 GMT", None])
def test_it_is_told_by_this_machine_s_clock(
    monkeypatch: pytest.MonkeyPatch, session: boto3.Session, config: HubConfig, date: str | None
) -> None:
    """It is twelve here; S3 agrees, is an hour ahead, or does not say. It was written a minute before S3 was asked."""
    twelve = parsedate_to_datetime("Sat, 21 Nov 2026 12:00:00 GMT")
    served = parsedate_to_datetime(date) if date else twelve

    class S3:
        def head_object(self, **_: str) -> dict[str, Any]:
            return {"LastModified": served - timedelta(minutes=1), "ResponseMetadata": {"HTTPHeaders": {"date": date} if date else {}}}

    monkeypatch.setattr("modules.ops.state.client", lambda *_: S3())
    monkeypatch.setattr("modules.ops.state.time.time", twelve.timestamp)
    assert twelve.timestamp() - state_saved_at(session, config, "lab-data") == pytest.approx(60, abs=1)

"""Locks in their two places, and digests that outlived their state."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import boto3
import pytest

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.bootstrap import ensure_state_backend
from modules.ops.locks import held_locks, release, repair_digests

STACKS = ("lab-data", "lab-network")


def info(id: str) -> str:
    return json.dumps({"ID": id, "Operation": "OperationTypeApply", "Who": "ada@box", "Created": "2026-11-21T09:00:00Z", "Path": "b/k"})


class Store:
    """What a Terraform run would have left."""

    def __init__(self, session: boto3.Session, config: HubConfig) -> None:
        self.config = config
        self.s3: Any = session.client("s3", region_name=config.region)
        self.dynamodb: Any = session.client("dynamodb", region_name=config.region)
        ensure_state_backend(session, config)
        self.s3.delete_bucket_policy(Bucket=config.state_bucket)

    def put_object(self, stack: str, body: str, suffix: str = ".tflock") -> None:
        self.s3.put_object(Bucket=self.config.state_bucket, Key=f"lab/{stack}.tfstate{suffix}", Body=body.encode())

    def put_item(self, stack: str, suffix: str = "", **attributes: str) -> None:
        item = {"LockID": f"{self.config.state_bucket}/lab/{stack}.tfstate{suffix}", **attributes}
        self.dynamodb.put_item(TableName=self.config.lock_table, Item={name: {"S": value} for name, value in item.items()})

    def items(self) -> list[str]:
        return [item["LockID"]["S"] for item in self.dynamodb.scan(TableName=self.config.lock_table)["Items"]]


@pytest.fixture
def store(session: boto3.Session, config: HubConfig) -> Store:
    return Store(session, config)


@pytest.mark.parametrize("places", [("object",), ("table",), ("object", "table")])
def test_a_lock_is_seen_and_released_where_it_stands(places: tuple[str, ...], store: Store, session: boto3.Session) -> None:
    if "object" in places:
        store.put_object("lab-network", info("id-1"))
    if "table" in places:
        store.put_item("lab-network", Info=info("id-1"))
    store.put_item("lab-network", "-md5", Digest="0" * 32)
    (lock,) = held_locks(session, store.config, STACKS)
    assert (lock.id, lock.stack, lock.who, lock.operation, lock.places) == ("id-1", "lab-network", "ada@box", "Apply", places)
    release(session, store.config, lock)
    assert held_locks(session, store.config, STACKS) == ()
    assert [name[-4:] for name in store.items()] == ["-md5"]
    release(session, store.config, lock)


def test_no_backend_no_locks(session: boto3.Session, config: HubConfig) -> None:
    assert held_locks(session, config, STACKS) == ()
    assert repair_digests(session, config, STACKS) == ()


@pytest.mark.parametrize("place", ["object", "table"])
def test_a_lock_taken_meanwhile_stays(place: str, store: Store, session: boto3.Session) -> None:
    put = {"object": lambda id: store.put_object("lab-data", info(id)), "table": lambda id: store.put_item("lab-data", Info=info(id))}[
        place
    ]
    put("old")
    (lock,) = held_locks(session, store.config, STACKS)
    put("new")
    with pytest.raises(HubError, match="no longer old"):
        release(session, store.config, lock)
    assert [held.id for held in held_locks(session, store.config, STACKS)] == ["new"]


def test_two_locks_with_different_ids_are_two(store: Store, session: boto3.Session) -> None:
    store.put_object("lab-data", info("one"))
    store.put_item("lab-data", Info=info("two"))
    assert [(lock.id, lock.places) for lock in held_locks(session, store.config, STACKS)] == [("one", ("object",)), ("two", ("table",))]


def test_a_half_written_lock_is_a_lock(store: Store, session: boto3.Session) -> None:
    store.put_object("lab-data", '{"ID": ')
    (lock,) = held_locks(session, store.config, STACKS)
    assert lock.id == ""
    release(session, store.config, lock)
    assert held_locks(session, store.config, STACKS) == ()


BODY = '{"version": 4}'


@pytest.mark.parametrize(
    ("body", "digest", "locked", "said"),
    [
        (BODY, hashlib.md5(BODY.encode()).hexdigest(), False, None),
        (BODY, "0" * 32, False, "the state object is newer"),
        (None, "0" * 32, False, "there is no state object"),
        (None, "0" * 32, True, None),
        (BODY, None, False, None),
    ],
)
def test_a_stale_digest_goes_and_says_so(
    body: str | None, digest: str | None, locked: bool, said: str | None, store: Store, session: boto3.Session
) -> None:
    if body is not None:
        store.put_object("lab-data", body, suffix="")
    if digest is not None:
        store.put_item("lab-data", "-md5", Digest=digest)
    if locked:
        store.put_item("lab-data", Info=info("id-1"))
    before = store.items()
    done = repair_digests(session, store.config, STACKS)
    assert done == ((f"lab-data: removed a stale digest from the lock table ({said})",) if said else ())
    assert store.items() == ([] if said else before)

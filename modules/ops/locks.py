"""Who holds a state lock, and letting go of one that its holder left behind.

Terraform locks in two places at once here, with the same id: an object beside the state (use_lockfile) and an item in
the DynamoDB table. A third thing looks alike and is no lock: the item that keeps the digest of the last state written.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

import boto3
from botocore.exceptions import ClientError

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.aws_clients import client
from modules.ops.failures.aws import Kind, doing, is_missing, kind_of
from modules.ops.state import state_key


@dataclass(frozen=True)
class Lock:
    """One held lock. `places` says where it stands: "object", "table" or both."""

    id: str
    stack: str
    who: str
    operation: str
    created: str
    path: str
    places: tuple[str, ...]


class _Backend:
    """The calls on the two homes of a lock."""

    def __init__(self, session: boto3.Session, config: HubConfig) -> None:
        self._config = config
        self._s3 = client(session, "s3", config.region)
        self._dynamodb = client(session, "dynamodb", config.region)

    def read_object(self, stack: str, suffix: str = "") -> tuple[bytes, str] | None:
        """Body and ETag of the state object (or of the lock object, by suffix)."""
        try:
            answer = self._s3.get_object(Bucket=self._config.state_bucket, Key=state_key(self._config, stack) + suffix)
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        return answer["Body"].read(), answer["ETag"]

    def read_item(self, stack: str, suffix: str = "") -> dict[str, str]:
        """The string attributes of the lock item (or of the digest item, by suffix); {} for none."""
        try:
            answer = self._dynamodb.get_item(TableName=self._config.lock_table, Key=self._item(stack, suffix), ConsistentRead=True)
        except ClientError as error:
            if is_missing(error):
                return {}
            raise
        return {name: value["S"] for name, value in answer.get("Item", {}).items() if "S" in value}

    def delete_object(self, stack: str, etag: str) -> None:
        """Delete the lock object if it is still the one that was read."""
        key = f"{state_key(self._config, stack)}.tflock"
        self._s3.delete_object(Bucket=self._config.state_bucket, Key=key, IfMatch=etag)

    def delete_item(self, stack: str, suffix: str, attribute: str, value: str) -> None:
        """Delete an item if `attribute` still has the value that was read."""
        self._dynamodb.delete_item(
            TableName=self._config.lock_table,
            Key=self._item(stack, suffix),
            ConditionExpression="#attribute = :value",
            ExpressionAttributeNames={"#attribute": attribute},
            ExpressionAttributeValues={":value": {"S": value}},
        )

    def _item(self, stack: str, suffix: str) -> dict[str, Any]:
        return {"LockID": {"S": f"{self._config.state_bucket}/{state_key(self._config, stack)}{suffix}"}}


def held_locks(session: boto3.Session, config: HubConfig, stacks: tuple[str, ...]) -> tuple[Lock, ...]:
    """The locks held on `stacks`, in their order; () when nothing is locked or there is no backend yet."""
    backend = _Backend(session, config)
    found: dict[tuple[str, str], Lock] = {}
    with doing("read the state locks"):
        for stack in stacks:
            item, lock_object = backend.read_item(stack).get("Info"), backend.read_object(stack, ".tflock")
            for place, text in (("object", lock_object[0] if lock_object else None), ("table", item)):
                if text is None:
                    continue
                lock = _lock(stack, place, text)
                known = found.get((stack, lock.id))
                found[stack, lock.id] = replace(known, places=(*known.places, place)) if known else lock
    return tuple(found.values())


def release(session: boto3.Session, config: HubConfig, lock: Lock) -> None:
    """Let go of `lock` in both places, each only if it still is this lock.

    Raises HubError when somebody else took the lock since it was read. A lock that is already gone is no error.
    """
    backend = _Backend(session, config)
    with doing(f"release the lock of {lock.stack}"):
        lock_object, item = backend.read_object(lock.stack, ".tflock"), backend.read_item(lock.stack).get("Info")
        try:
            if lock_object is not None and _is_ours(lock, lock_object[0]):
                backend.delete_object(lock.stack, lock_object[1])
            if item is not None and _is_ours(lock, item):
                backend.delete_item(lock.stack, "", "Info", item)
        except ClientError as error:
            if kind_of(error) is Kind.CONFLICT:
                raise _taken(lock) from error
            raise


def repair_digests(session: boto3.Session, config: HubConfig, stacks: tuple[str, ...]) -> tuple[str, ...]:
    """Remove digests that disagree with their state object; gives what was done, as sentences.

    Terraform writes the object and then its digest; killed in between (or with the object removed by hand) it refuses
    the state for ever. S3 has been strongly consistent since 2020, so the object is right and the digest is stale.
    A stack that is locked is left alone: its holder may be between the two writes.
    """
    backend = _Backend(session, config)
    done = []
    with doing("check the digests of the states"):
        for stack in stacks:
            digest = backend.read_item(stack, "-md5").get("Digest")
            if not digest or held_locks(session, config, (stack,)):
                continue
            state = backend.read_object(stack)
            if state is not None and hashlib.md5(state[0], usedforsecurity=False).hexdigest() == digest:
                continue
            backend.delete_item(stack, "-md5", "Digest", digest)
            why = "there is no state object" if state is None else "the state object is newer"
            done.append(f"{stack}: removed a stale digest from the lock table ({why})")
    return tuple(done)


def _lock(stack: str, place: str, text: str | bytes) -> Lock:
    info = _info(text)
    return Lock(
        id=str(info.get("ID", "")),
        stack=stack,
        who=str(info.get("Who", "")),
        operation=str(info.get("Operation", "")).removeprefix("OperationType"),
        created=str(info.get("Created", "")),
        path=str(info.get("Path", "")),
        places=(place,),
    )


def _info(text: str | bytes) -> dict[str, Any]:
    """The lock's JSON; {} for a half-written one, which then counts as a lock with no id."""
    try:
        info = json.loads(text)
    except ValueError:
        return {}
    return info if isinstance(info, dict) else {}


def _is_ours(lock: Lock, text: str | bytes) -> bool:
    """Whether the lock that stands there now is `lock`. The other place may hold a newer one: that is refused."""
    if str(_info(text).get("ID", "")) == lock.id:
        return True
    raise _taken(lock)


def _taken(lock: Lock) -> HubError:
    return HubError(
        f"the lock of {lock.stack} is no longer {lock.id}: somebody took it meanwhile",
        fix="look again who holds it (./hub unlock <env>), and wait for that run",
    )

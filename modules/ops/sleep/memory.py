"""What an env was like before it fell asleep: kept beside its Terraform states, so that any machine can wake it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.aws_clients import client
from modules.ops.failures.aws import doing, is_missing

_VERSION = 1
FALLING, ASLEEP, WAKING = "falling asleep", "asleep", "waking"


@dataclass(frozen=True)
class Size:
    """Of a node group: nodes at least, and nodes asked for."""

    min: int
    desired: int


@dataclass
class Memory:
    """cluster: when EKS made it, so that the memory of a cluster that is gone is not taken for that of its successor.

    groups: node group → its size. workloads: `deployments/namespace/name` → replicas. pools: NodePool → its limit of CPUs, None
    for none. without_nat: the network has no way out until it wakes. without_addresses: nor keeps what it was seen by.
    without_balancers: nor has anybody a way in.
    """

    cluster: str
    since: str = field(default_factory=lambda: datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    state: str = FALLING
    groups: dict[str, Size] = field(default_factory=dict)
    workloads: dict[str, int] = field(default_factory=dict)
    pools: dict[str, str | None] = field(default_factory=dict)
    without_nat: bool = False
    without_balancers: bool = False
    without_addresses: bool = False


class Drawer:
    """Where the memory of one env lies: an object of its state bucket. Every method raises HubError when AWS refuses."""

    def __init__(self, session: boto3.Session, config: HubConfig) -> None:
        self._s3 = client(session, "s3", config.region)
        self._place = {"Bucket": config.state_bucket, "Key": f"{config.env}/asleep.json"}
        self._env = config.env

    def read(self) -> Memory | None:
        """The memory; None when the env is awake, or has no state bucket yet."""
        with doing(f"read whether {self._env} is asleep"):
            try:
                body = self._s3.get_object(**self._place)["Body"].read()
            except ClientError as error:
                if is_missing(error):
                    return None
                raise
        return _parsed(body, "{Bucket}/{Key}".format(**self._place))

    def write(self, memory: Memory) -> None:
        """Keep it."""
        body = json.dumps({"version": _VERSION, **asdict(memory)}, indent=1).encode()
        with doing(f"remember how large {self._env} is"):
            self._s3.put_object(**self._place, Body=body, ContentType="application/json")

    def forget(self) -> None:
        """The env is awake, or gone. Fine when there is nothing to forget."""
        with doing(f"forget that {self._env} slept"):
            self._s3.delete_object(**self._place)


def _parsed(body: bytes, where: str) -> Memory:
    try:
        found: dict[str, Any] = json.loads(body)
        version = found.pop("version")
        if version == _VERSION:
            return Memory(**{**found, "groups": {name: Size(**size) for name, size in found["groups"].items()}})
        why = f"it has version {version}; this program reads version {_VERSION}"
    except (ValueError, KeyError, TypeError, AttributeError):
        why = "it is not what ./hub sleep writes"
    raise HubError(
        f"s3://{where} cannot be read: {why}",
        fix="restore an older version of the object, which the bucket keeps (aws s3api list-object-versions)",
    )

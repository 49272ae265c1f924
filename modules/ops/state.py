"""Reading Terraform's state objects from S3, without Terraform: fast, and possible when synth is broken."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.aws_clients import client, pages
from modules.ops.failures.aws import doing, is_missing, missing_is_fine

#: The one state format that Terraform 0.12 and later writes.
_VERSION = 4
_SUFFIX = ".tfstate"


@dataclass(frozen=True)
class StateResource:
    """One resource instance of a state. `attributes` may hold secrets, so it shows in no message."""

    address: str
    type: str
    name: str
    id: str
    attributes: dict[str, Any] = field(repr=False)
    tainted: bool = False
    """Terraform was stopped while it waited for the resource, and would replace it."""


@dataclass(frozen=True)
class StackState:
    """What Terraform remembers of one stack: its managed resources (no data sources) and its outputs."""

    stack: str
    serial: int
    resources: tuple[StateResource, ...]
    outputs: dict[str, Any] = field(repr=False)

    @property
    def addresses(self) -> frozenset[str]:
        """Addresses in Terraform's form: `aws_vpc.main`, `aws_subnet.a["x"]`, `module.m.aws_vpc.main`."""
        return frozenset(resource.address for resource in self.resources)


def state_key(config: HubConfig, stack: str) -> str:
    """The key of a stack's state object in the state bucket."""
    return f"{config.env}/{stack}{_SUFFIX}"


def stack_state(session: boto3.Session, config: HubConfig, stack: str) -> StackState | None:
    """The state of `stack`; None when it was never applied. Raises HubError when it cannot be read or understood."""
    return read_state(session, config, stack, state_key(config, stack))


def read_state(session: boto3.Session, config: HubConfig, stack: str, key: str) -> StackState | None:
    """As stack_state, for any key of the env's state bucket."""
    with doing(f"read the state of {stack}"):
        try:
            body = client(session, "s3", config.region).get_object(Bucket=config.state_bucket, Key=key)["Body"].read()
        except ClientError as error:
            if is_missing(error):
                return None
            raise
    return parse_state(body, stack)


def state_saved_at(session: boto3.Session, config: HubConfig, stack: str) -> float:
    """When the state of `stack` was last written, in seconds since 1970 by this machine's clock; 0.0 when there is none.

    S3 tells by its own clock, in whole seconds; its answer's date says how far this machine's is off. Of what the rounding
    leaves open the earliest is given. HeadObject needs s3:GetObject,
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    """
    asked = time.time()
    with doing(f"look when the state of {stack} was saved"):
        try:
            found = client(session, "s3", config.region).head_object(Bucket=config.state_bucket, Key=state_key(config, stack))
        except ClientError as error:
            if is_missing(error):
                return 0.0
            raise
    served = found["ResponseMetadata"]["HTTPHeaders"].get("date")
    ahead = parsedate_to_datetime(served).timestamp() + 1 - asked if served else 0.0
    return float(found["LastModified"].timestamp()) - ahead


def stacks_with_state(session: boto3.Session, config: HubConfig) -> tuple[str, ...]:
    """Names of the env's stacks that have a state object, sorted; () when there is no bucket."""
    return tuple(key.removesuffix(_SUFFIX) for key in _keys(session, config) if key.endswith(_SUFFIX))


def has_backend(session: boto3.Session, config: HubConfig) -> bool:
    """Whether the state bucket is there. Without it nobody can tell what Terraform holds. Raises HubError when S3 refuses."""
    with doing(f"look for the state bucket {config.state_bucket}"), missing_is_fine():
        client(session, "s3", config.region).head_bucket(Bucket=config.state_bucket)
        return True
    return False


def known_stacks(session: boto3.Session, config: HubConfig) -> tuple[str, ...]:
    """As stacks_with_state, with those that only have a lock: a killed first run leaves no state."""
    return tuple(sorted({key.partition(_SUFFIX)[0] for key in _keys(session, config) if _SUFFIX in key}))


def _keys(session: boto3.Session, config: HubConfig) -> list[str]:
    """The keys of the env in its state bucket, without the env's prefix, sorted."""
    prefix = f"{config.env}/"
    s3 = client(session, "s3", config.region)
    with doing("list the states of this env"):
        try:
            found = [item["Key"] for item in pages(s3, "list_objects_v2", "Contents", Bucket=config.state_bucket, Prefix=prefix)]
        except ClientError as error:
            if is_missing(error):
                return []
            raise
    return sorted(key.removeprefix(prefix) for key in found)


def parse_state(body: bytes, stack: str) -> StackState:
    """The state in `body`, the bytes of a state object. Raises HubError when it is no state of version 4."""
    try:
        document = json.loads(body)
        version = document["version"]
    except (ValueError, KeyError, TypeError) as error:
        raise _broken(stack, "it is not JSON with a version") from error
    if version != _VERSION:
        raise _broken(stack, f"it has version {version}; this program reads version {_VERSION}")
    resources = tuple(
        _instance(resource, instance)
        for resource in document.get("resources", ())
        if resource.get("mode") == "managed"
        for instance in resource.get("instances", ())
    )
    outputs = {name: output.get("value") for name, output in document.get("outputs", {}).items()}
    return StackState(stack=stack, serial=int(document.get("serial", 0)), resources=resources, outputs=outputs)


def _instance(resource: dict[str, Any], instance: dict[str, Any]) -> StateResource:
    address = f"{resource['type']}.{resource['name']}"
    if resource.get("module"):
        address = f"{resource['module']}.{address}"
    index = instance.get("index_key")
    if index is not None:
        # JSON quotes a string key and leaves a number bare, which is how Terraform writes both.
        address += f"[{json.dumps(index)}]"
    attributes = instance.get("attributes") or {}
    return StateResource(
        address, resource["type"], resource["name"], str(attributes.get("id", "")), attributes, instance.get("status") == "tainted"
    )


def _broken(stack: str, why: str) -> HubError:
    return HubError(
        f"the state object of {stack} cannot be read: {why}",
        fix="restore an older version of the object; the bucket keeps them (aws s3api list-object-versions)",
    )

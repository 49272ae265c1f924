"""Reading EC2's lists the way the sweep wants them: by VPC, by the deployment's tag, by other tags, each thing once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from modules.common.tags import DEPLOYMENT
from modules.ops.aws_clients import pages
from modules.ops.inventory import plain_tags
from modules.ops.sweep.scope import Scope

Filter = dict[str, Any]


def tags_of(item: Mapping[str, Any]) -> dict[str, str]:
    """The tags of one answer; interfaces call them otherwise."""
    return plain_tags(item.get("Tags") or item.get("TagSet") or [])


def tag(key: str, *values: str) -> Filter:
    """A filter for a tag with one of these values, or with any when none is given."""
    return {"Name": f"tag:{key}", "Values": list(values)} if values else {"Name": "tag-key", "Values": [key]}


def listed(ec2: Any, operation: str, result: str, id: str, *wanted: list[Filter], argument: str = "Filters") -> Iterator[dict[str, Any]]:
    """What fits any of the lists `wanted` (inside a list, all filters hold), each thing once by its `id`."""
    seen: set[str] = set()
    for filters in wanted:
        for item in pages(ec2, operation, result, **{argument: filters}):
            if item[id] not in seen:
                seen.add(item[id])
                yield item


def in_vpcs(scope: Scope, *more: Filter) -> list[list[Filter]]:
    """Filters for what lies in the env's own VPCs; none for an env without one."""
    return [[{"Name": "vpc-id", "Values": list(scope.vpc_ids)}, *more]] if scope.vpc_ids else []


def of_deployment(scope: Scope, *more: Filter) -> list[Filter]:
    """Filters for what carries the deployment's tag."""
    return [tag(DEPLOYMENT, scope.deployment), *more]


def lost(ec2: Any, scope: Scope, operation: str, result: str, id: str, *, argument: str = "Filters") -> Iterator[dict[str, Any]]:
    """What carries the deployment's tag and is in no state; nothing when the states are not known."""
    if scope.held is None:
        return
    for item in listed(ec2, operation, result, id, of_deployment(scope), argument=argument):
        if scope.owns(tags_of(item)):
            yield item


def state_of(item: Mapping[str, Any]) -> str:
    """Where a thing stands, in small letters; "" for kinds without a state."""
    state = item.get("State", "")
    return str(state["Name"] if isinstance(state, dict) else state).lower()

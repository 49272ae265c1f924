"""Adopting what carries messages and logs: SQS, EventBridge, CloudWatch Logs."""

from __future__ import annotations

from modules.ops.adopt.model import Body, Family, Finder, Tagged, World
from modules.ops.aws_clients import pages
from modules.ops.failures.aws import missing_is_fine
from modules.ops.inventory import Found


def _url(world: World, found: Found) -> str:
    return str(world.clients.get("sqs").get_queue_url(QueueName=found.id)["QueueUrl"])


def _queue(world: World, body: Body) -> str | None:
    sqs = world.clients.get("sqs")
    with missing_is_fine():
        url = str(sqs.get_queue_url(QueueName=body.text("name"))["QueueUrl"])
        return url if world.is_ours(sqs.list_queue_tags(QueueUrl=url).get("Tags", {})) else None
    return None


def _log_group(world: World, body: Body) -> str | None:
    """A log group of that name; an untagged one was made by the service that writes to it, and is taken over."""
    name, logs = body.text("name"), world.clients.get("logs")
    for group in pages(logs, "describe_log_groups", "logGroups", logGroupNamePrefix=name):
        if group["logGroupName"] == name:
            tags = logs.list_tags_for_resource(resourceArn=group["arn"].removesuffix(":*")).get("tags", {})
            return name if world.is_ours(tags, untagged=True) else None
    return None


_BY_NAME: dict[str, Finder] = {"aws_sqs_queue": _queue, "aws_cloudwatch_log_group": _log_group}

FAMILY = Family(
    tagged={
        "aws_sqs_queue": Tagged("sqs:queue", _url),
        "aws_cloudwatch_event_rule": Tagged("events:rule"),
        "aws_cloudwatch_log_group": Tagged("logs:log-group"),
    },
    by_name=_BY_NAME,
    put_again={
        "aws_sqs_queue_policy": "SetQueueAttributes",
        "aws_cloudwatch_event_target": "PutTargets",
    },
)

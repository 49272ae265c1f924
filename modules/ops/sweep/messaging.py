"""Karpenter's interruption queue and the EventBridge rules that fill it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from modules.common import names
from modules.iam.karpenter import EVENT_PATTERNS
from modules.ops.aws_clients import Clients, pages
from modules.ops.failures.aws import missing_is_fine
from modules.ops.inventory import Found
from modules.ops.sweep.model import Sweepable
from modules.ops.sweep.scope import Scope

#: EventBridge's limit for a rule's name, https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
_RULE_MAX = 64


def queues(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """The queue by the one name it can have."""
    if not scope.cluster:
        return
    sqs = clients.get("sqs")
    with missing_is_fine():
        url = sqs.get_queue_url(QueueName=f"{scope.cluster}-interruptions")["QueueUrl"]
        if scope.allows(sqs.list_queue_tags(QueueUrl=url).get("Tags", {})):
            yield _queue(sqs, url)


def queue(clients: Clients, _: Scope, found: Found) -> Sweepable:
    """A queue of ours that no state knows."""
    sqs = clients.get("sqs")
    return _queue(sqs, sqs.get_queue_url(QueueName=found.id)["QueueUrl"])


def _queue(sqs: Any, url: str) -> Sweepable:
    return Sweepable("queue", url.rpartition("/")[2], partial(sqs.delete_queue, QueueUrl=url), names=frozenset({url}))


def rules(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """The four rules by the names they can have."""
    if not scope.cluster:
        return
    events = clients.get("events")
    for key in EVENT_PATTERNS:
        name = names.fit(f"{scope.cluster}-{key}", _RULE_MAX)
        with missing_is_fine():
            arn = events.describe_rule(Name=name)["Arn"]
            tags = {each["Key"]: each["Value"] for each in events.list_tags_for_resource(ResourceARN=arn).get("Tags", [])}
            if scope.allows(tags):
                yield _rule(events, name, arn, f"{scope.cluster}-interruptions")


def rule(clients: Clients, scope: Scope, found: Found) -> Sweepable:
    """A rule of ours that no state knows."""
    return _rule(clients.get("events"), found.id.rpartition("/")[2], found.arn, f"{scope.config.cluster_name}-interruptions")


def _rule(events: Any, name: str, arn: str, queue: str) -> Sweepable:
    return Sweepable("event rule", name, partial(_remove_rule, events, name), names=frozenset({arn}), holds=frozenset({queue}))


def _remove_rule(events: Any, name: str) -> None:
    """A rule goes only without targets."""
    targets = [target["Id"] for target in pages(events, "list_targets_by_rule", "Targets", Rule=name)]
    if targets:
        events.remove_targets(Rule=name, Ids=targets)
    events.delete_rule(Name=name)

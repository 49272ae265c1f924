"""Karpenter's AWS side: the role of its nodes, the role of its controller, and the queue that warns of interruptions."""

from __future__ import annotations

import json
from dataclasses import dataclass

from modules.aws.access import Access
from modules.aws.cluster import ClusterRef
from modules.aws.irsa import IrsaRole
from modules.aws.role import Role
from modules.cdk import Stack, aws
from modules.common import names
from modules.common.arn import dns_suffix
from modules.iam import karpenter as policies
from modules.iam import trust

NAMESPACE, SERVICE_ACCOUNT = "kube-system", "karpenter"
#: A warning older than this is no use: spot gives two minutes. (Karpenter's own CloudFormation uses the same figure.)
RETENTION_SECONDS = 300


@dataclass(frozen=True)
class KarpenterProps:
    """path, boundary: for the roles. node_policies: managed policies of every node, key → ARN."""

    name: str
    region: str
    partition: str
    account: str
    path: str
    boundary: str | None
    node_policies: dict[str, str]


class Karpenter:
    """Node role (with its access entry), controller role, interruption queue and its four rules."""

    def __init__(self, stack: Stack, props: KarpenterProps, *, cluster: ClusterRef, access: Access) -> None:
        self.node_role = Role(
            stack,
            "karpenter-node",
            name=names.role_name(props.name, "karpenter-node"),
            path=props.path,
            boundary=props.boundary,
            trust=trust.ec2(dns_suffix(props.region)),
            managed=props.node_policies,
        )
        access.nodes("karpenter-node", self.node_role.arn)
        self.queue_name: str = self._queue(stack, props)
        documents = policies.controller_policies(
            partition=props.partition,
            region=props.region,
            account=props.account,
            cluster_name=props.name,
            node_role_arn=self.node_role.arn,
            queue_arn=self._queue_arn,
        )
        self.controller_role = IrsaRole(
            stack,
            "karpenter-controller",
            name=names.role_name(props.name, "karpenter-controller"),
            path=props.path,
            boundary=props.boundary,
            cluster=cluster,
            namespace=NAMESPACE,
            service_account=SERVICE_ACCOUNT,
        )
        for key, document in documents.items():
            policy = aws.iam_policy.IamPolicy(
                stack,
                f"karpenter-{key}",
                name=names.role_name(props.name, f"karpenter-{key}"),
                path=props.path,
                policy=json.dumps(document),
                description=f"Karpenter controller: {key}",
            )
            aws.iam_role_policy_attachment.IamRolePolicyAttachment(
                stack, f"karpenter-controller-{key}", role=self.controller_role.name, policy_arn=policy.arn
            )

    def _queue(self, stack: Stack, props: KarpenterProps) -> str:
        queue = aws.sqs_queue.SqsQueue(
            stack,
            "interruptions",
            name=f"{props.name}-interruptions",
            message_retention_seconds=RETENTION_SECONDS,
            sqs_managed_sse_enabled=True,
        )
        rules = {}
        for key, pattern in policies.EVENT_PATTERNS.items():
            rule = aws.cloudwatch_event_rule.CloudwatchEventRule(
                stack,
                f"interruption-{key}",
                name=names.fit(f"{props.name}-{key}", 64),
                description=f"Tells Karpenter of {key.replace('-', ' ')} events",
                event_pattern=json.dumps(pattern),
            )
            aws.cloudwatch_event_target.CloudwatchEventTarget(
                stack, f"interruption-{key}-target", rule=rule.name, target_id="karpenter", arn=queue.arn
            )
            rules[key] = rule.arn
        document = policies.queue_policy(queue.arn, list(rules.values()))
        aws.sqs_queue_policy.SqsQueuePolicy(stack, "interruptions-policy", queue_url=queue.id, policy=json.dumps(document))
        self._queue_arn: str = queue.arn
        return str(queue.name)

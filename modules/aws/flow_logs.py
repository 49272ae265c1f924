"""VPC flow logs into a log group with retention."""

from __future__ import annotations

from typing import Any

from modules.aws.role import Role
from modules.cdk import Stack, aws


class FlowLogs:
    """All traffic of the VPC, aggregated over ten minutes."""

    def __init__(self, stack: Stack, *, vpc_id: str, group: Any, role: Role, name: str) -> None:
        aws.flow_log.FlowLog(
            stack,
            "flow-log",
            vpc_id=vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=600,
            depends_on=role.policies,
            tags={"Name": name},
        )


def log_group(stack: Stack, id: str, *, name: str, retention_days: int, kms_key_arn: str | None = None, **options: Any) -> Any:
    """A CloudWatch log group that forgets after `retention_days`."""
    return aws.cloudwatch_log_group.CloudwatchLogGroup(
        stack, id, name=name, retention_in_days=retention_days, kms_key_id=kms_key_arn, **options
    )

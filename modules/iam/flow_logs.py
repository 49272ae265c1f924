"""VPC flow logs to one CloudWatch log group."""

from __future__ import annotations

from modules.iam import trust
from modules.iam.document import Document, allow, document


def role_trust(*, partition: str, region: str, account: str) -> Document:
    """Trust for the flow-log service, acting for flow logs of this account and region."""
    source = f"arn:{partition}:ec2:{region}:{account}:vpc-flow-log/*"
    return trust.service("vpc-flow-logs.amazonaws.com", source_account=account, source_arn=source)


def delivery(log_group_arn: str) -> Document:
    """Write into one log group. log_group_arn: without the trailing `:*`."""
    return document(
        allow("WriteFlowLogs", ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"), f"{log_group_arn}:*"),
        allow("FindLogGroup", "logs:DescribeLogGroups", "*"),
    )

"""Fluent Bit: it writes into one log group, which it can neither make nor read nor change.

Source of the action list: https://docs.fluentbit.io/manual/pipeline/outputs/cloudwatch, without what auto_create_group needs.
"""

from __future__ import annotations

from modules.iam.document import Document, allow, document


def shipper_policy(log_group_arn: str) -> Document:
    """The policy of the pods that ship logs. log_group_arn: without the trailing `:*`."""
    return document(
        allow("FindStreams", "logs:DescribeLogStreams", f"{log_group_arn}:*"),
        allow("WriteStreams", ("logs:CreateLogStream", "logs:PutLogEvents"), f"{log_group_arn}:log-stream:*"),
    )

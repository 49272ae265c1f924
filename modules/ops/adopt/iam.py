"""Adopting IAM: found by path as well as by tag."""

from __future__ import annotations

from modules.ops.adopt.model import Family, Tagged, last_name, whole_arn

FAMILY = Family(
    tagged={
        "aws_iam_role": Tagged("iam:role", last_name),
        "aws_iam_policy": Tagged("iam:policy", whole_arn),
        "aws_iam_instance_profile": Tagged("iam:instance-profile", last_name),
        "aws_iam_openid_connect_provider": Tagged("iam:oidc-provider", whole_arn),
    },
    put_again={
        "aws_iam_role_policy": "PutRolePolicy",
        "aws_iam_role_policy_attachment": "AttachRolePolicy",
    },
)

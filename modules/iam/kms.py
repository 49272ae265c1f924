"""Key policies, composed of statements: `document(account_root(...), for_logs(...))`.

In a key policy `Resource: "*"` means the key the policy is attached to.
"""

from __future__ import annotations

from modules.iam.document import Statement, Texts, allow

THIS_KEY = "*"
_ENCRYPT = (
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
_USE = ("kms:DescribeKey", *_ENCRYPT)


def account_root(partition: str, account: str) -> Statement:
    """IAM policies of the account decide about the key. Without it a key whose administrator is gone is lost for good."""
    return allow("AccountDecides", "kms:*", THIS_KEY, principal={"AWS": f"arn:{partition}:iam::{account}:root"})


def for_logs(*, partition: str, region: str, account: str, groups: Texts, dns_suffix: str = "amazonaws.com") -> Statement:
    """CloudWatch Logs encrypts these log groups, by name (`/aws/eks/hub/cluster`), and no others."""
    names = (groups,) if isinstance(groups, str) else groups
    arns = [f"arn:{partition}:logs:{region}:{account}:log-group:{name}" for name in names]
    return allow(
        "LogsEncrypt",
        # No DescribeKey: it carries no encryption context, so the condition would refuse it anyway.
        _ENCRYPT,
        THIS_KEY,
        principal={"Service": f"logs.{region}.{dns_suffix}"},
        conditions={"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": arns[0] if len(arns) == 1 else arns}},
    )


def for_role(sid: str, role_arn: str, *, via: str | None = None) -> Statement:
    """A role uses the key; via: only through this service endpoint, such as s3.us-east-2.amazonaws.com."""
    conditions = {"StringEquals": {"kms:ViaService": via}} if via is not None else None
    return allow(sid, _USE, THIS_KEY, principal={"AWS": role_arn}, conditions=conditions)


def for_role_grants(sid: str, role_arn: str) -> Statement:
    """A role lets AWS services use the key on its behalf: EKS for secrets, EFS for files, EC2 for volumes."""
    return allow(
        sid,
        ("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"),
        THIS_KEY,
        principal={"AWS": role_arn},
        conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
    )


def for_autoscaling(partition: str, account: str) -> tuple[Statement, Statement]:
    """Node groups whose volumes this key encrypts: Auto Scaling's service-linked role uses it and hands it to EC2.

    The role is named in a condition, because AWS makes it with the first group and refuses a key policy whose principal
    does not exist; kms:CallerAccount keeps every other account out.
    """
    role = f"arn:{partition}:iam::{account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    who = {"StringEquals": {"kms:CallerAccount": account}, "ArnEquals": {"aws:PrincipalArn": role}}
    anyone = {"AWS": "*"}
    return (
        allow("NodeGroupsEncrypt", _USE, THIS_KEY, principal=anyone, conditions=who),
        allow(
            "NodeGroupsGrant",
            "kms:CreateGrant",
            THIS_KEY,
            principal=anyone,
            conditions={**who, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    )


def eks_secrets(key_arn: str) -> Statement:
    """For the cluster role's own policy: envelope encryption of Kubernetes secrets."""
    return allow("EncryptSecrets", ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"), key_arn)


def volumes(sid: str, key_arn: str, endpoint: str) -> tuple[Statement, Statement]:
    """For the policy of a role that creates encrypted volumes (Karpenter, the EBS CSI driver).

    endpoint: EC2's in the region, such as ec2.us-east-2.amazonaws.com.
    """
    via = {"kms:ViaService": endpoint}
    return (
        allow(f"{sid}Use", _USE, key_arn, conditions={"StringEquals": via}),
        allow(
            f"{sid}Grant",
            ("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"),
            key_arn,
            conditions={"StringEquals": via, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    )

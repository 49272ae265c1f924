"""Desktops: what the agent in each may do, and what a node's role needs for DCV's licence check."""

from __future__ import annotations

from collections.abc import Sequence

from modules.common import arn
from modules.iam.document import Document, Statement, allow, document


def agent_policy(
    *, partition: str, region: str, account: str, secret_arns: Sequence[str], key_arn: str | None, parameter_prefix: str
) -> Document:
    """For the agent's IRSA role: read the credentials, publish the display.

    secret_arns: of the credentials, whole, with the six characters AWS adds; may be empty. key_arn: the key that encrypts
    them, None for AWS's own. parameter_prefix: modules.common.names.parameter_prefix, such as /hubsmith/demo/dcv.
    """
    statements: list[Statement] = []
    if secret_arns:
        statements.append(allow("ReadCredentials", ("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"), secret_arns))
    if secret_arns and key_arn is not None:
        statements.append(_decrypt(key_arn, secret_arns, region))
    # No DescribeParameters: it takes no resource, and would list the names of everything in the account.
    statements.append(
        allow(
            "PublishDisplay",
            ("ssm:DeleteParameter", "ssm:GetParameter", "ssm:PutParameter"),
            f"arn:{partition}:ssm:{region}:{account}:parameter{parameter_prefix}/dcv-*",
        )
    )
    return document(*statements)


def licence_policy(*, partition: str, region: str) -> Document:
    """For the role of the nodes: DCV proves that it runs on EC2, and so needs no licence server, by reading this bucket of AWS's.

    https://docs.aws.amazon.com/dcv/latest/adminguide/setting-up-license.html
    """
    return document(allow("CheckDcvLicence", "s3:GetObject", f"arn:{partition}:s3:::dcv-license.{region}/*"))


def _decrypt(key_arn: str, secret_arns: Sequence[str], region: str) -> Statement:
    """The key, for these secrets alone: Secrets Manager names the secret in the encryption context."""
    named = secret_arns[0] if len(secret_arns) == 1 else list(secret_arns)
    exact = {"kms:ViaService": f"secretsmanager.{region}.{arn.dns_suffix(region)}", "kms:EncryptionContext:SecretARN": named}
    return allow("DecryptCredentials", "kms:Decrypt", key_arn, conditions={"StringEquals": exact})

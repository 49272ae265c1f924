"""The launcher's roles: its own, which reads the secrets that processes may have, and that of people who run it outside the cluster."""

from __future__ import annotations

from collections.abc import Sequence

from modules.common import arn
from modules.iam.document import Document, allow, document


def server_policy(*, secret_arns: Sequence[str], key_arn: str, region: str) -> Document:
    """For the launcher's IRSA role: read these secrets and no other.

    secret_arns: whole, with the six characters AWS adds; at least one. key_arn: the key that encrypts them.
    """
    named = secret_arns[0] if len(secret_arns) == 1 else list(secret_arns)
    # Secrets Manager names the secret in the encryption context, so the key opens these alone.
    exact = {"kms:ViaService": f"secretsmanager.{region}.{arn.dns_suffix(region)}", "kms:EncryptionContext:SecretARN": named}
    return document(
        allow("ReadSecretsOfProcesses", "secretsmanager:GetSecretValue", secret_arns),
        allow("DecryptSecretsOfProcesses", "kms:Decrypt", key_arn, conditions={"StringEquals": exact}),
    )


def operator_policy(*, cluster_arn: str) -> Document:
    """For the role of people: find the cluster. What they may do in it is Kubernetes' to say (modules/k8s/launcher/rights.py)."""
    return document(allow("FindCluster", "eks:DescribeCluster", cluster_arn))

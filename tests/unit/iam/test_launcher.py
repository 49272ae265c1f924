"""The launcher's roles: its own reads the secrets it was given, operators find one cluster; neither does anything else."""

from __future__ import annotations

import pytest

from modules.iam.launcher import operator_policy, server_policy
from tests._support.iam_evaluate import allows
from tests._support.policies import ACCOUNT, KEY, REGION

_SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:demo-1/"
GIVEN, OTHER = f"{_SECRET}launcher-registry-abcdef", f"{_SECRET}hub-cookie-secret-abcdef"
VIA = {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com", "kms:EncryptionContext:SecretARN": GIVEN}
CLUSTER = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/demo"


@pytest.mark.parametrize(
    ("action", "resource", "context", "allowed"),
    [
        ("secretsmanager:GetSecretValue", GIVEN, {}, True),
        ("secretsmanager:GetSecretValue", OTHER, {}, False),
        ("secretsmanager:GetSecretValue", "*", {}, False),
        ("secretsmanager:PutSecretValue", GIVEN, {}, False),
        ("secretsmanager:CreateSecret", GIVEN, {}, False),
        ("secretsmanager:DeleteSecret", GIVEN, {}, False),
        ("secretsmanager:ListSecrets", "*", {}, False),
        ("kms:Decrypt", KEY, VIA, True),
        ("kms:Decrypt", KEY, {}, False),
        ("kms:Decrypt", KEY, {**VIA, "kms:EncryptionContext:SecretARN": OTHER}, False),
        ("kms:Decrypt", KEY, {**VIA, "kms:ViaService": f"s3.{REGION}.amazonaws.com"}, False),
        ("kms:Encrypt", KEY, VIA, False),
        ("eks:DescribeCluster", CLUSTER, {}, False),
        ("sts:AssumeRole", "*", {}, False),
    ],
)
@pytest.mark.parametrize("more", [(), (f"{_SECRET}launcher-other-abcdef",)], ids=["one", "two"])
def test_the_server_reads_its_secrets(action: str, resource: str, context: dict[str, str], allowed: bool, more: tuple[str, ...]) -> None:
    policy = server_policy(secret_arns=(GIVEN, *more), key_arn=KEY, region=REGION)
    assert allows(policy, action, resource, context) is allowed


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("eks:DescribeCluster", CLUSTER, True),
        ("eks:DescribeCluster", f"{CLUSTER}-other", False),
        ("eks:ListClusters", "*", False),
        ("eks:CreateAccessEntry", CLUSTER, False),
        ("eks:AccessKubernetesApi", CLUSTER, False),
        ("secretsmanager:GetSecretValue", GIVEN, False),
    ],
)
def test_operators_find_their_cluster(action: str, resource: str, allowed: bool) -> None:
    assert allows(operator_policy(cluster_arn=CLUSTER), action, resource) is allowed

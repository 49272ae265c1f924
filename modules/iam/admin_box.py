"""The admin box: it may find its own cluster, and nothing else of AWS; what it may do in there its access entry says."""

from __future__ import annotations

from modules.iam.document import Document, allow, document


def box_policy(*, partition: str, region: str, account: str, cluster_name: str) -> Document:
    """For the box's role, beside AmazonSSMManagedInstanceCore: what `aws eks update-kubeconfig` asks for.

    A token for the cluster (`aws eks get-token`) is a signed sts:GetCallerIdentity, which needs no permission.
    """
    return document(allow("FindCluster", "eks:DescribeCluster", f"arn:{partition}:eks:{region}:{account}:cluster/{cluster_name}"))

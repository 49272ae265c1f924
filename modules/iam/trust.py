"""Trust policies: who may become a role, stated as exactly as AWS allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modules.iam.document import Document, Texts, allow, document

#: The only audience an EKS service-account token has for AWS.
AUDIENCE = "sts.amazonaws.com"
#: Host of GitHub's OIDC issuer, which is also the prefix of its condition keys.
GITHUB_ISSUER = "token.actions.githubusercontent.com"
#: The EKS Pod Identity agent's principal, the same in every partition.
POD_IDENTITY_PRINCIPAL = "pods.eks.amazonaws.com"


def service(principal: Texts, *, source_account: str | None = None, source_arn: Texts | None = None) -> Document:
    """Trust for an AWS service.

    principal: such as eks.amazonaws.com. source_account and source_arn: on whose behalf the service may act, for those
    services that say so (the confused-deputy guard).
    """
    conditions: dict[str, dict[str, Any]] = {}
    if source_account is not None:
        conditions["StringEquals"] = {"aws:SourceAccount": source_account}
    if source_arn is not None:
        conditions["ArnLike"] = {"aws:SourceArn": source_arn if isinstance(source_arn, str) else list(source_arn)}
    named = principal if isinstance(principal, str) else list(principal)
    return document(allow("ServiceAssumesRole", "sts:AssumeRole", None, principal={"Service": named}, conditions=conditions))


def ec2(dns_suffix: str = "amazonaws.com") -> Document:
    """Trust for EC2 instances. dns_suffix: of the partition, modules.common.arn.dns_suffix."""
    return service(f"ec2.{dns_suffix}")


def irsa(*, provider_arn: str, issuer: str, namespace: str, service_account: str) -> Document:
    """Trust for exactly one Kubernetes service account.

    provider_arn: of the cluster's IAM OIDC provider. issuer: host and path of the issuer, without https://.
    """
    return irsa_many(provider_arn, issuer, (f"{namespace}:{service_account}",))


def irsa_many(provider_arn: str, issuer: str, subjects: Sequence[str]) -> Document:
    """Trust for exactly these service accounts, each as `namespace:name`.

    Raises ValueError when none is given, or when one holds a `*`, which StringEquals would take literally.
    """
    if any("*" in subject for subject in subjects):
        raise ValueError("an exact subject holds a *; use irsa_pattern")
    names = _subjects(subjects)
    return _web_identity(provider_arn, {"StringEquals": {f"{issuer}:sub": names, f"{issuer}:aud": AUDIENCE}})


def irsa_pattern(provider_arn: str, issuer: str, patterns: Sequence[str]) -> Document:
    """Trust for service accounts by pattern (`namespace:prefix-*`), for the roles that say allow_patterns: true.

    Every pod whose service account matches can become the role, so the policy checks list each use.
    Raises ValueError when no pattern is given.
    """
    return _web_identity(
        provider_arn,
        {"StringLike": {f"{issuer}:sub": _subjects(patterns)}, "StringEquals": {f"{issuer}:aud": AUDIENCE}},
    )


def pod_identity(*, namespace: str, service_account: str, cluster_arn: str | None = None) -> Document:
    """Trust for one service account by EKS Pod Identity.

    Without the conditions any association in the account, of any cluster, could use the role. cluster_arn: None only
    where the role is made before its cluster.
    """
    tags = {"aws:RequestTag/kubernetes-namespace": namespace, "aws:RequestTag/kubernetes-service-account": service_account}
    if cluster_arn is not None:
        tags["aws:RequestTag/eks-cluster-arn"] = cluster_arn
    return document(
        allow(
            "PodAssumesRole",
            ("sts:AssumeRole", "sts:TagSession"),
            None,
            principal={"Service": POD_IDENTITY_PRINCIPAL},
            conditions={"StringEquals": tags},
        )
    )


def principals(arns: Sequence[str], *, session_tags: bool = False, conditions: Mapping[str, Mapping[str, Any]] | None = None) -> Document:
    """Trust for roles, users or account roots by ARN. session_tags: whether they may tag their session."""
    actions = ("sts:AssumeRole", "sts:TagSession") if session_tags else "sts:AssumeRole"
    named = arns[0] if len(arns) == 1 else list(arns)
    return document(allow("PrincipalsAssumeRole", actions, None, principal={"AWS": named}, conditions=conditions))


def github_oidc(*, provider_arn: str, repository: str, environment: str | None = None, ref: str | None = None) -> Document:
    """Trust for workflows of one GitHub repository (`owner/name`): those of one protected environment, those of one
    ref (`refs/heads/main`), or, with neither, those of pull requests.

    Raises ValueError when both are given.
    """
    if environment is not None and ref is not None:
        raise ValueError("a GitHub subject names an environment or a ref, never both")
    where = "pull_request" if ref is None else f"ref:{ref}"
    if environment is not None:
        where = f"environment:{environment}"
    exact = {f"{GITHUB_ISSUER}:sub": f"repo:{repository}:{where}", f"{GITHUB_ISSUER}:aud": AUDIENCE}
    return _web_identity(provider_arn, {"StringEquals": exact})


def _web_identity(provider_arn: str, conditions: Mapping[str, Mapping[str, Any]]) -> Document:
    return document(
        allow("TokenAssumesRole", "sts:AssumeRoleWithWebIdentity", None, principal={"Federated": provider_arn}, conditions=conditions)
    )


def _subjects(names: Sequence[str]) -> str | list[str]:
    if not names:
        raise ValueError("a trust policy needs at least one subject")
    full = [f"system:serviceaccount:{name}" for name in names]
    return full[0] if len(full) == 1 else full

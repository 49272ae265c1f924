"""Who may talk to the Kubernetes API: access entries, one a principal; no aws-auth ConfigMap."""

from __future__ import annotations

from typing import Any

from modules.cdk import Lifecycle, Stack, aws
from modules.common.names import digest


class Access:
    """Grants access to one cluster."""

    def __init__(self, stack: Stack, *, cluster: str, partition: str) -> None:
        self._stack, self._cluster, self._partition = stack, cluster, partition

    def admin(self, principal_arn: str) -> None:
        """Full administration."""
        self._grant(f"admin-{digest(principal_arn)}", principal_arn, "AmazonEKSClusterAdminPolicy")

    def viewer(self, principal_arn: str) -> None:
        """Looking at everything, changing nothing."""
        self._grant(f"viewer-{digest(principal_arn)}", principal_arn, "AmazonEKSAdminViewPolicy")

    def first_installer(self) -> None:
        """Administration for whoever applies first; later runs by others leave that entry alone."""
        caller = aws.data_aws_caller_identity.DataAwsCallerIdentity(self._stack, "caller")
        # An assumed role calls with its session's ARN; an access entry wants the role's.
        issuer = aws.data_aws_iam_session_context.DataAwsIamSessionContext(self._stack, "caller-role", arn=caller.arn)
        once = Lifecycle(ignore_changes=["principal_arn"])
        self._grant("installer", issuer.issuer_arn, "AmazonEKSClusterAdminPolicy", lifecycle=once)

    def admin_box(self, role_arn: str, *, may_change: bool) -> None:
        """The env's own admin box, looking (secrets left out) or administering."""
        # Its role's ARN is known at apply only, so the id does not hold a digest of it.
        self._grant("admin-box", role_arn, "AmazonEKSClusterAdminPolicy" if may_change else "AmazonEKSViewPolicy")

    def nodes(self, id: str, role_arn: str) -> Any:
        """Lets EC2 instances with this role join; managed node groups get theirs from EKS."""
        return aws.eks_access_entry.EksAccessEntry(
            self._stack, f"access-{id}", cluster_name=self._cluster, principal_arn=role_arn, type="EC2_LINUX"
        )

    def group(self, id: str, role_arn: str, name: str) -> Any:
        """Makes this role a member of a Kubernetes group, and lets it do no more than RBAC lets that group."""
        return aws.eks_access_entry.EksAccessEntry(
            self._stack, f"access-{id}", cluster_name=self._cluster, principal_arn=role_arn, kubernetes_groups=[name]
        )

    def _grant(self, id: str, principal_arn: str, policy: str, lifecycle: Any = None) -> None:
        entry = aws.eks_access_entry.EksAccessEntry(
            self._stack, f"access-{id}", cluster_name=self._cluster, principal_arn=principal_arn, lifecycle=lifecycle
        )
        aws.eks_access_policy_association.EksAccessPolicyAssociation(
            self._stack,
            f"access-{id}-policy",
            cluster_name=self._cluster,
            principal_arn=entry.principal_arn,
            policy_arn=f"arn:{self._partition}:eks::aws:cluster-access-policy/{policy}",
            access_scope=aws.eks_access_policy_association.EksAccessPolicyAssociationAccessScope(type="cluster"),
        )

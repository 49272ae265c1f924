"""EKS and what stands around a cluster: its autoscaling groups, its queue, its rules, its logs."""

from __future__ import annotations

from modules.iam.document import Document, allow, document
from modules.iam.provisioning.scope import Scope

_EKS = (
    "eks:AssociateAccessPolicy",
    "eks:AssociateEncryptionConfig",
    "eks:CreateAccessEntry",
    "eks:CreateAddon",
    "eks:CreateNodegroup",
    "eks:DeleteAccessEntry",
    "eks:DeleteAddon",
    "eks:DeleteCluster",
    "eks:DeleteNodegroup",
    "eks:DescribeAccessEntry",
    "eks:DescribeAddon",
    "eks:DescribeCluster",
    "eks:DescribeNodegroup",
    "eks:DescribeUpdate",
    "eks:DisassociateAccessPolicy",
    "eks:ListAccessEntries",
    "eks:ListAddons",
    "eks:ListAssociatedAccessPolicies",
    "eks:ListInsights",
    "eks:ListNodegroups",
    "eks:ListTagsForResource",
    "eks:ListUpdates",
    "eks:TagResource",
    "eks:UntagResource",
    "eks:UpdateAccessEntry",
    "eks:UpdateAddon",
    "eks:UpdateClusterConfig",
    "eks:UpdateClusterVersion",
    "eks:UpdateNodegroupConfig",
    "eks:UpdateNodegroupVersion",
)
_QUEUE = (
    "sqs:CreateQueue",
    "sqs:DeleteQueue",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ListQueueTags",
    "sqs:SetQueueAttributes",
    "sqs:TagQueue",
    "sqs:UntagQueue",
)
_EVENTS = (
    "events:DeleteRule",
    "events:DescribeRule",
    "events:ListTagsForResource",
    "events:ListTargetsByRule",
    "events:PutRule",
    "events:PutTargets",
    "events:RemoveTargets",
    "events:TagResource",
    "events:UntagResource",
)
_LOGS = (
    "logs:AssociateKmsKey",
    "logs:CreateLogGroup",
    "logs:DeleteLogGroup",
    "logs:DeleteRetentionPolicy",
    "logs:DisassociateKmsKey",
    "logs:ListTagsForResource",
    "logs:PutRetentionPolicy",
    "logs:TagResource",
    "logs:UntagResource",
)


def cluster(scope: Scope) -> Document:
    """The one cluster by name, and everything named after it."""
    kinds = ("access-entry", "addon", "cluster", "nodegroup")
    own = [scope.arn("eks", f"{kind}/{scope.cluster}{'' if kind == 'cluster' else '/*'}") for kind in kinds]
    groups = scope.arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*")
    of_cluster = {"StringEquals": {"aws:ResourceTag/eks:cluster-name": scope.cluster}}
    log_groups = (f"/aws/eks/{scope.cluster}/cluster", f"/hubsmith/{scope.deployment}/*")
    return document(
        allow("CreateCluster", "eks:CreateCluster", "*", conditions=scope.asked),
        allow("OwnCluster", _EKS, own),
        allow("SeeVersions", ("eks:DescribeAddonConfiguration", "eks:DescribeAddonVersions", "eks:DescribeClusterVersions"), "*"),
        # Preflight: how much of its quotas the account uses.
        allow("SeeQuotas", ("eks:ListClusters", "servicequotas:ListServiceQuotas"), "*", conditions=scope.here),
        allow("SeeGroups", ("autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeTags"), "*", conditions=scope.here),
        allow("TagOwnGroups", ("autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags"), groups, conditions=of_cluster),
        allow("ReadImageParameters", ("ssm:GetParameter", "ssm:GetParameters"), _public_parameters(scope)),
        allow("OwnQueue", _QUEUE, scope.arn("sqs", f"{scope.name}-*")),
        allow("OwnRules", _EVENTS, scope.arn("events", f"rule/{scope.name}-*")),
        # CloudWatch Logs names a group with and without the trailing star, depending on the call.
        allow("OwnLogs", _LOGS, [scope.arn("logs", f"log-group:{name}{end}") for name in log_groups for end in ("", ":*")]),
        allow("FindLogs", "logs:DescribeLogGroups", "*", conditions=scope.here),
    )


def _public_parameters(scope: Scope) -> str:
    return f"arn:{scope.partition}:ssm:{scope.region}::parameter/aws/service/*"

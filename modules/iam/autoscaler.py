"""Cluster Autoscaler: it sees all groups, because AWS knows no narrower list, and changes those of its cluster.

Source of the action list: the Cluster Autoscaler's AWS page, "Full Cluster Autoscaler features policy",
https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md
"""

from __future__ import annotations

from modules.iam.document import Document, allow, document

_SEE = (
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLaunchConfigurations",
    "autoscaling:DescribeScalingActivities",
    "autoscaling:DescribeTags",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:GetInstanceTypesFromInstanceRequirements",
)
_CHANGE = ("autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup")


def controller_policy(*, partition: str, region: str, account: str, cluster_name: str) -> Document:
    """The controller's policy for one cluster. EKS puts the tag it is limited by on every managed node group."""
    groups = f"arn:{partition}:autoscaling:{region}:{account}:autoScalingGroup:*:autoScalingGroupName/*"
    node_groups = f"arn:{partition}:eks:{region}:{account}:nodegroup/{cluster_name}/*/*"
    owned = {"StringEquals": {f"aws:ResourceTag/k8s.io/cluster-autoscaler/{cluster_name}": "owned"}}
    return document(
        allow("SeeGroups", _SEE, "*", conditions={"StringEquals": {"aws:RequestedRegion": region}}),
        allow("ScaleOwnGroups", _CHANGE, groups, conditions=owned),
        allow("ReadNodeGroups", "eks:DescribeNodegroup", node_groups),
    )

"""What cleanup may remove that Terraform never made: controllers' leftovers, by the tags those controllers put on them."""

from __future__ import annotations

from modules.iam.document import Document, allow, document
from modules.iam.provisioning.scope import Scope

_SEE_BALANCERS = (
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeTargetGroups",
)
_REMOVE_BALANCERS = ("elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:DeleteTargetGroup")


def sweep(scope: Scope) -> Document:
    """Find by tag, and remove what this cluster's controllers left."""
    balancers = [scope.arn("elasticloadbalancing", f"{kind}/*") for kind in ("loadbalancer", "targetgroup")]
    of_controller = {"StringEquals": {"aws:ResourceTag/elbv2.k8s.aws/cluster": scope.cluster}}
    groups, snapshots = scope.ec2("security-group"), [f"arn:{scope.partition}:ec2:{scope.region}::snapshot/*"]
    of_cni = {"StringEquals": {"aws:ResourceTag/cluster.k8s.amazonaws.com/name": scope.cluster}}
    remove_group = ("ec2:DeleteSecurityGroup", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress")
    insights = scope.arn("logs", f"log-group:/aws/containerinsights/{scope.cluster}/*")
    profiles = ("iam:DeleteInstanceProfile", "iam:RemoveRoleFromInstanceProfile")
    return document(
        allow("FindByTag", "tag:GetResources", "*"),
        allow("SeeBalancers", _SEE_BALANCERS, "*", conditions=scope.here),
        allow(
            "RemoveBalancers",
            _REMOVE_BALANCERS,
            balancers,
            conditions=of_controller,
        ),
        allow("RemoveClassicBalancers", "elasticloadbalancing:DeleteLoadBalancer", balancers[0], conditions=scope.cluster_owned),
        allow("RemoveBalancerGroups", remove_group, groups, conditions=of_controller),
        allow("RemoveClusterGroups", remove_group, groups, conditions=scope.cluster_owned),
        allow(
            "RemoveNodes",
            ("ec2:DeleteLaunchTemplate", "ec2:TerminateInstances"),
            scope.ec2("instance", "launch-template"),
            conditions=scope.cluster_owned,
        ),
        allow("RemoveInterfaces", "ec2:DeleteNetworkInterface", scope.ec2("network-interface"), conditions=of_cni),
        allow(
            "RemoveTaggedDisks",
            ("ec2:DeleteNetworkInterface", "ec2:DeleteVolume"),
            scope.ec2("network-interface", "volume"),
            conditions=scope.owned,
        ),
        allow("RemoveTaggedBalancers", _REMOVE_BALANCERS, balancers, conditions=scope.owned),
        allow("RemoveTaggedSnapshots", "ec2:DeleteSnapshot", snapshots, conditions=scope.owned),
        allow("RemoveClusterSnapshots", "ec2:DeleteSnapshot", snapshots, conditions=scope.cluster_owned),
        allow("SeeSpotRequests", "ec2:DescribeSpotInstanceRequests", "*", conditions=scope.here),
        allow("EndSpotRequests", "ec2:CancelSpotInstanceRequests", scope.ec2("spot-instances-request"), conditions=scope.cluster_owned),
        allow("RemoveInsights", ("logs:DeleteLogGroup", "logs:ListTagsForResource"), insights),
        # A home is made as large as its claim will ask for before it is given back.
        allow("GrowHomes", "ec2:ModifyVolume", scope.ec2("volume"), conditions=scope.owned),
        allow("RemoveClusterDisks", "ec2:DeleteVolume", scope.ec2("volume"), conditions=scope.cluster_owned),
        allow("RemoveProfiles", profiles, scope.iam("instance-profile/*"), conditions=scope.cluster_owned),
        # Karpenter's lie outside our path; their tags say whose they are.
        allow("ReadProfiles", "iam:GetInstanceProfile", scope.iam("instance-profile/*")),
        allow("ListOwnRoles", ("iam:ListRoles", "iam:ListInstanceProfiles", "iam:ListPolicies"), "*"),
    )

"""What Karpenter's controller may do, and who may write to its interruption queue.

Written for Karpenter 1.14. The split into five documents by concern is upstream's since 1.9 (each fits the managed-policy
quota); ec2:DescribePlacementGroups came with 1.11, ec2:DescribeInstanceStatus with 1.12.
Source: https://karpenter.sh/docs/reference/cloudformation/ and its upgrade guide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from modules.iam.document import Document, Statement, allow, deny, document

#: Events that announce the loss of a node, as EventBridge patterns by rule name. The fifth of upstream (interruption of
#: a capacity reservation) concerns reserved capacity, which no pool of ours can ask for.
EVENT_PATTERNS: dict[str, dict[str, list[str]]] = {
    "health-event": {"source": ["aws.health"], "detail-type": ["AWS Health Event"]},
    "spot-interruption": {"source": ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"]},
    "rebalance": {"source": ["aws.ec2"], "detail-type": ["EC2 Instance Rebalance Recommendation"]},
    "instance-state-change": {"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"]},
}

#: What a launch creates, and what Karpenter therefore may create and tag.
_LAUNCHED = ("fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request")
_LAUNCH = ("ec2:RunInstances", "ec2:CreateFleet")


@dataclass(frozen=True)
class Controller:
    """One cluster's controller. node_role_arn: the role it passes to instances. queue_arn: its interruption queue."""

    partition: str
    region: str
    account: str
    cluster_name: str
    node_role_arn: str
    queue_arn: str

    def ec2(self, kind: str, *, account: str | None = None) -> str:
        """The ARN of every EC2 resource of one kind, in this account unless told otherwise."""
        owner = self.account if account is None else account
        return f"arn:{self.partition}:ec2:{self.region}:{owner}:{kind}/*"

    @property
    def owner_tag(self) -> str:
        """The tag key that marks a resource as belonging to the cluster."""
        return f"kubernetes.io/cluster/{self.cluster_name}"


def controller_policies(
    *, partition: str, region: str, account: str, cluster_name: str, node_role_arn: str, queue_arn: str
) -> dict[str, Document]:
    """The controller's policies by concern; each one is to become a managed policy of its own."""
    controller = Controller(partition, region, account, cluster_name, node_role_arn, queue_arn)
    return {
        "node-lifecycle": _node_lifecycle(controller),
        "iam-integration": _iam_integration(controller),
        "eks-integration": _eks_integration(controller),
        "interruption": _interruption(controller),
        "resource-discovery": _resource_discovery(controller),
    }


def queue_policy(queue_arn: str, rule_arns: list[str]) -> Document:
    """Policy of the interruption queue: only these EventBridge rules may send, and nobody without TLS.

    Upstream lets sqs.amazonaws.com send too; that serves a queue that is somebody's dead-letter queue, which ours is not.
    """
    return document(
        allow(
            "RulesSend",
            "sqs:SendMessage",
            queue_arn,
            principal={"Service": "events.amazonaws.com"},
            conditions={"ArnEquals": {"aws:SourceArn": list(rule_arns)}},
        ),
        deny("TlsOnly", "sqs:*", queue_arn, principal="*", conditions={"Bool": {"aws:SecureTransport": "false"}}),
    )


def _node_lifecycle(controller: Controller) -> Document:
    """Launch, tag and end nodes; everything launched must carry the cluster's tags."""
    owned = {f"aws:ResourceTag/{controller.owner_tag}": "owned"}
    any_pool = {"aws:ResourceTag/karpenter.sh/nodepool": "*"}
    return document(
        allow("LaunchFrom", _LAUNCH, _launch_inputs(controller)),
        allow(
            "LaunchFromOwnTemplates",
            _LAUNCH,
            controller.ec2("launch-template"),
            conditions={"StringEquals": owned, "StringLike": any_pool},
        ),
        *_create_and_tag(controller),
        allow(
            "TagOwnInstances",
            "ec2:CreateTags",
            controller.ec2("instance"),
            conditions={
                "StringEquals": owned,
                "StringLike": any_pool,
                "StringEqualsIfExists": {"aws:RequestTag/eks:eks-cluster-name": controller.cluster_name},
                "ForAllValues:StringEquals": {"aws:TagKeys": ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"]},
            },
        ),
        allow(
            "EndOwnNodes",
            ("ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"),
            (controller.ec2("instance"), controller.ec2("launch-template")),
            conditions={"StringEquals": owned, "StringLike": any_pool},
        ),
    )


def _launch_inputs(controller: Controller) -> list[str]:
    """What a launch reads. Images are of no account; subnets and groups of a shared VPC belong to another one."""
    of_nobody = [controller.ec2(kind, account="") for kind in ("image", "snapshot")]
    shareable = ("security-group", "subnet", "capacity-reservation", "placement-group")
    return of_nobody + [controller.ec2(kind, account="*") for kind in shareable]


def _create_and_tag(controller: Controller) -> tuple[Statement, Statement]:
    """Creating needs the cluster's tags in the request; tagging is allowed only as part of creating."""
    kinds = [controller.ec2(kind) for kind in _LAUNCHED]
    asked = {f"aws:RequestTag/{controller.owner_tag}": "owned", "aws:RequestTag/eks:eks-cluster-name": controller.cluster_name}
    any_pool = {"aws:RequestTag/karpenter.sh/nodepool": "*"}
    creating = {"ec2:CreateAction": ["RunInstances", "CreateFleet", "CreateLaunchTemplate"]}
    return (
        allow("LaunchTagged", (*_LAUNCH, "ec2:CreateLaunchTemplate"), kinds, conditions={"StringEquals": asked, "StringLike": any_pool}),
        allow("TagWhenLaunching", "ec2:CreateTags", kinds, conditions={"StringEquals": {**asked, **creating}, "StringLike": any_pool}),
    )


def _iam_integration(controller: Controller) -> Document:
    """Instance profiles of EC2NodeClasses, and passing the one node role to EC2."""
    profiles = f"arn:{controller.partition}:iam::{controller.account}:instance-profile/*"
    have = _profile_tags(controller, "aws:ResourceTag")
    # Profiles made before Karpenter 1.9 lack this tag, so it is asked of new ones only.
    want = _profile_tags(controller, "aws:RequestTag") | {"aws:RequestTag/eks:eks-cluster-name": controller.cluster_name}
    class_is = {"aws:ResourceTag/karpenter.k8s.aws/ec2nodeclass": "*"}
    class_asked = {"aws:RequestTag/karpenter.k8s.aws/ec2nodeclass": "*"}
    return document(
        allow(
            "PassNodeRole",
            "iam:PassRole",
            controller.node_role_arn,
            conditions={"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"]}},
        ),
        allow("CreateProfiles", "iam:CreateInstanceProfile", profiles, conditions={"StringEquals": want, "StringLike": class_asked}),
        allow(
            "TagProfiles",
            "iam:TagInstanceProfile",
            profiles,
            conditions={"StringEquals": have | want, "StringLike": class_is | class_asked},
        ),
        allow(
            "ChangeOwnProfiles",
            ("iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile", "iam:DeleteInstanceProfile"),
            profiles,
            conditions={"StringEquals": have, "StringLike": class_is},
        ),
    )


def _profile_tags(controller: Controller, key: str) -> dict[str, Any]:
    return {f"{key}/{controller.owner_tag}": "owned", f"{key}/topology.kubernetes.io/region": controller.region}


def _eks_integration(controller: Controller) -> Document:
    cluster = f"arn:{controller.partition}:eks:{controller.region}:{controller.account}:cluster/{controller.cluster_name}"
    return document(allow("FindApiServer", "eks:DescribeCluster", cluster))


def _interruption(controller: Controller) -> Document:
    return document(
        allow(
            "ReadInterruptions",
            ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"),
            controller.queue_arn,
        )
    )


#: EC2's Describe calls know no resources; the region is the only limit AWS offers.
_DISCOVERY = (
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeCapacityReservations",
    "ec2:DescribeImages",
    "ec2:DescribeInstances",
    "ec2:DescribeInstanceStatus",
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribePlacementGroups",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSpotPriceHistory",
    "ec2:DescribeSubnets",
)


def _resource_discovery(controller: Controller) -> Document:
    profiles = f"arn:{controller.partition}:iam::{controller.account}:instance-profile/*"
    images = f"arn:{controller.partition}:ssm:{controller.region}::parameter/aws/service/*"
    return document(
        allow("SeeRegion", _DISCOVERY, "*", conditions={"StringEquals": {"aws:RequestedRegion": controller.region}}),
        allow("ReadImageParameters", "ssm:GetParameter", images),
        allow("ReadPrices", "pricing:GetProducts", "*"),
        allow("ListProfiles", "iam:ListInstanceProfiles", "*"),
        allow("ReadProfiles", "iam:GetInstanceProfile", profiles),
    )

"""EC2: the VPC and what stands in it. Created with the deployment's tag, changed only when it carries it."""

from __future__ import annotations

from modules.iam.document import Document, Statement, allow, document
from modules.iam.provisioning.scope import Scope

_SEE = (
    "ec2:DescribeAddresses",
    "ec2:DescribeAddressesAttribute",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeFlowLogs",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceCreditSpecifications",
    "ec2:DescribeInstanceStatus",
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeInstances",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribeNatGateways",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribePrefixLists",
    "ec2:DescribeRegions",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSnapshots",
    "ec2:DescribeSubnets",
    "ec2:DescribeTags",
    "ec2:DescribeVolumes",
    "ec2:DescribeVolumesModifications",
    "ec2:DescribeVpcEndpointServices",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
)

#: What is created with our tag in the request, by action.
_CREATE = (
    "ec2:AllocateAddress",
    "ec2:CreateFlowLogs",
    "ec2:CreateInternetGateway",
    "ec2:CreateLaunchTemplate",
    "ec2:CreateNatGateway",
    "ec2:CreateRouteTable",
    "ec2:CreateSecurityGroup",
    "ec2:CreateSubnet",
    "ec2:CreateVpc",
    "ec2:CreateVpcEndpoint",
    "ec2:RunInstances",
)
_CREATED = (
    "elastic-ip",
    "instance",
    "internet-gateway",
    "launch-template",
    "natgateway",
    "route-table",
    "security-group",
    "subnet",
    "vpc",
    "vpc-endpoint",
    "vpc-flow-log",
)
#: What those are created in or with; these carry our tag already.
_CREATE_IN = (
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateFlowLogs",
    "ec2:CreateNatGateway",
    "ec2:CreateNetworkInterface",
    "ec2:CreateRouteTable",
    "ec2:CreateSecurityGroup",
    "ec2:CreateSubnet",
    "ec2:CreateVpcEndpoint",
    "ec2:RunInstances",
)
_CREATED_IN = ("elastic-ip", "launch-template", "route-table", "security-group", "subnet", "vpc")

_CHANGE = (
    "ec2:AssociateRouteTable",
    "ec2:AssociateVpcCidrBlock",
    "ec2:AttachInternetGateway",
    "ec2:CreateLaunchTemplateVersion",
    "ec2:CreateRoute",
    "ec2:DeleteFlowLogs",
    "ec2:DeleteInternetGateway",
    "ec2:DeleteLaunchTemplate",
    "ec2:DeleteLaunchTemplateVersions",
    "ec2:DeleteNatGateway",
    "ec2:DeleteRoute",
    "ec2:DeleteRouteTable",
    "ec2:DeleteSecurityGroup",
    "ec2:DeleteSubnet",
    "ec2:DeleteTags",
    "ec2:DeleteVpc",
    "ec2:DeleteVpcEndpoints",
    "ec2:DetachInternetGateway",
    "ec2:DisassociateAddress",
    "ec2:DisassociateRouteTable",
    "ec2:DisassociateVpcCidrBlock",
    "ec2:ModifyInstanceAttribute",
    "ec2:ModifyInstanceMetadataOptions",
    "ec2:ModifyLaunchTemplate",
    "ec2:ModifySecurityGroupRules",
    "ec2:ModifySubnetAttribute",
    "ec2:ModifyVpcAttribute",
    "ec2:ModifyVpcEndpoint",
    "ec2:MonitorInstances",
    "ec2:ReleaseAddress",
    "ec2:ReplaceRoute",
    "ec2:ReplaceRouteTableAssociation",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
    "ec2:StartInstances",
    "ec2:StopInstances",
    "ec2:TerminateInstances",
    "ec2:UnmonitorInstances",
    "ec2:UpdateSecurityGroupRuleDescriptionsEgress",
    "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
)
_RULES = (
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:ModifySecurityGroupRules",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
)
_RULES_ASKED = ("ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress")


def create(scope: Scope) -> Document:
    """See the region; create tagged, inside what is tagged."""
    return document(
        allow("SeeNetwork", _SEE, "*", conditions=scope.here),
        allow("ReadAttributes", ("ec2:DescribeInstanceAttribute", "ec2:DescribeVpcAttribute"), scope.ec2("instance", "vpc")),
        allow("CreateTagged", _CREATE, scope.ec2(*_CREATED), conditions=scope.asked),
        allow("CreateInTagged", _CREATE_IN, scope.ec2(*_CREATED_IN), conditions=scope.owned),
        # A rule's own ARN; which group it goes into is decided by the statements about groups.
        allow("CreateRules", _RULES_ASKED, scope.ec2("security-group-rule"), conditions=scope.asked),
        allow("StartFromImages", "ec2:RunInstances", [f"arn:{scope.partition}:ec2:{scope.region}::image/*"]),
        # Volume and interface come with an instance and get their tags after it.
        allow("StartParts", "ec2:RunInstances", scope.ec2("network-interface", "volume")),
        allow(
            "TagWhenCreating",
            "ec2:CreateTags",
            scope.ec2(*_CREATED, "network-interface", "security-group-rule", "volume"),
            conditions={"StringEquals": {**scope.asked["StringEquals"], "ec2:CreateAction": _create_actions()}},
        ),
        # AWS makes a VPC's default group without tags; ours becomes tagged by its first apply, in any VPC of this account.
        allow("AdoptDefaultGroup", "ec2:CreateTags", scope.ec2("security-group"), conditions=scope.asked),
        allow("PrivateDnsOfEndpoints", "route53:AssociateVPCWithHostedZone", "*"),
        *_in_foreign_vpc(scope),
    )


def change(scope: Scope) -> Document:
    """Change and delete what carries the tag, and the rules of the cluster's own group, which EKS makes."""
    eks_group = {"StringEquals": {"aws:ResourceTag/aws:eks:cluster-name": scope.cluster}}
    statements = [
        allow("ChangeTagged", _CHANGE, scope.ec2(*_CREATED), conditions=scope.owned),
        allow("RetagTagged", "ec2:CreateTags", scope.ec2(*_CREATED, "security-group-rule"), conditions=scope.owned),
        allow("ChangeRules", ("ec2:DeleteTags", "ec2:ModifySecurityGroupRules"), scope.ec2("security-group-rule"), conditions=scope.owned),
        allow("ChangeClusterGroup", _RULES, scope.ec2("security-group"), conditions=eks_group),
    ]
    if scope.foreign_group:
        statements.append(allow("ChangeForeignGroup", _RULES, scope.arn("ec2", f"security-group/{scope.foreign_group}")))
    return document(*statements)


def _create_actions() -> list[str]:
    named = [action.removeprefix("ec2:") for action in (*_CREATE, *_RULES_ASKED)]
    return sorted(named)


def _in_foreign_vpc(scope: Scope) -> list[Statement]:
    """An existing VPC and its subnets carry no tag of ours: things may be created in it, itself is never changed."""
    if not scope.foreign_vpc:
        return []
    vpc = scope.arn("ec2", f"vpc/{scope.foreign_vpc}")
    inside = {"ArnEquals": {"ec2:Vpc": vpc}}
    return [
        allow("CreateInForeignVpc", "ec2:CreateSecurityGroup", vpc),
        allow("StartInForeignVpc", ("ec2:CreateNetworkInterface", "ec2:RunInstances"), scope.ec2("subnet"), conditions=inside),
    ]

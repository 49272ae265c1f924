"""The tagging API lists what AWS lists, where AWS lists it, and its filters filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from tests._support.emulator import Emulator

TAGS = {"hubsmith:deployment": "demo"}
PAIRS = [{"Key": key, "Value": value} for key, value in TAGS.items()]
ROLE = "arn:aws:iam::123456789012:role/r"
DOCUMENT = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}'


def _spec(kind: str) -> list[Any]:
    return [{"ResourceType": kind, "Tags": PAIRS}]


def _vpc(session: boto3.Session) -> tuple[Any, str, list[str]]:
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=_spec("vpc"))["Vpc"]["VpcId"]
    zones = (("a", "10.0.0.0/24"), ("b", "10.0.1.0/24"))
    made = [ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=f"eu-west-1{zone}") for zone, cidr in zones]
    return ec2, vpc, [row["Subnet"]["SubnetId"] for row in made]


def eks(session: boto3.Session) -> None:
    _, _, subnets = _vpc(session)
    client = session.client("eks")
    access = {"authenticationMode": "API"}
    client.create_cluster(name="one", roleArn=ROLE, resourcesVpcConfig={"subnetIds": subnets}, accessConfig=access, tags=TAGS)
    client.create_addon(clusterName="one", addonName="coredns", tags=TAGS)
    client.create_nodegroup(clusterName="one", nodegroupName="core", subnets=subnets, nodeRole=ROLE, tags=TAGS)
    client.create_access_entry(clusterName="one", principalArn=f"{ROLE}2", tags=TAGS)


def network(session: boto3.Session) -> None:
    ec2, vpc, subnets = _vpc(session)
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc, TagSpecifications=_spec("security-group"))["GroupId"]
    permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission], TagSpecifications=_spec("security-group-rule"))
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=_spec("elastic-ip"))["AllocationId"]
    ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address, TagSpecifications=_spec("natgateway"))
    ec2.create_internet_gateway(TagSpecifications=_spec("internet-gateway"))
    ec2.create_route_table(VpcId=vpc, TagSpecifications=_spec("route-table"))
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.eu-west-1.s3", TagSpecifications=_spec("vpc-endpoint"))
    data = {"InstanceType": "t3.micro"}
    ec2.create_launch_template(LaunchTemplateName="template", LaunchTemplateData=data, TagSpecifications=_spec("launch-template"))
    ec2.create_volume(AvailabilityZone="eu-west-1a", Size=1, TagSpecifications=_spec("volume"))
    logs = {"LogGroupName": "flows", "DeliverLogsPermissionArn": ROLE, "TrafficType": "ALL"}
    ec2.create_flow_logs(ResourceIds=[vpc], ResourceType="VPC", TagSpecifications=_spec("vpc-flow-log"), **logs)


def storage(session: boto3.Session) -> None:
    efs = session.client("efs")
    id = efs.create_file_system(CreationToken="t", Tags=PAIRS)["FileSystemId"]
    efs.create_access_point(ClientToken="t", FileSystemId=id, Tags=PAIRS)
    s3 = session.client("s3")
    s3.create_bucket(Bucket="tagged", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_tagging(Bucket="tagged", Tagging={"TagSet": PAIRS})
    backup = session.client("backup")
    backup.create_backup_vault(BackupVaultName="v", BackupVaultTags=TAGS)
    rules = [{"RuleName": "daily", "TargetBackupVaultName": "v"}]
    backup.create_backup_plan(BackupPlan={"BackupPlanName": "p", "Rules": rules}, BackupPlanTags=TAGS)


def messages(session: boto3.Session) -> None:
    session.client("sqs").create_queue(QueueName="q", tags=TAGS)
    session.client("events").put_rule(Name="r", EventPattern='{"source": ["aws.health"]}', Tags=PAIRS)
    session.client("logs").create_log_group(logGroupName="g", tags=TAGS)


def secrets(session: boto3.Session) -> None:
    kms = session.client("kms")
    key = kms.create_key(Tags=[{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in PAIRS])["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    session.client("secretsmanager").create_secret(Name="s", SecretString="x", Tags=PAIRS)
    session.client("acm").request_certificate(DomainName="example.org", ValidationMethod="DNS", Tags=PAIRS)
    session.client("cognito-idp").create_user_pool(PoolName="p", UserPoolTags=TAGS)


def identity(session: boto3.Session) -> None:
    iam = session.client("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=DOCUMENT, Tags=PAIRS)
    iam.create_policy(PolicyName="p", PolicyDocument=DOCUMENT, Tags=PAIRS)
    iam.create_instance_profile(InstanceProfileName="i", Tags=PAIRS)
    iam.create_open_id_connect_provider(Url="https://oidc.example.org/id/1", ThumbprintList=["0" * 40], Tags=PAIRS)


NETWORK = [
    "elastic-ip",
    "internet-gateway",
    "launch-template",
    "natgateway",
    "route-table",
    "security-group",
    "security-group-rule",
    "volume",
    "vpc",
    "vpc-endpoint",
    "vpc-flow-log",
]
ROWS: list[tuple[Callable[[boto3.Session], None], str, list[str]]] = [
    (eks, "eu-west-1", ["ec2:vpc", "eks:access-entry", "eks:addon", "eks:cluster", "eks:nodegroup"]),
    (
        network,
        "eu-west-1",
        [f"ec2:{kind}" for kind in NETWORK],
    ),
    (
        storage,
        "eu-west-1",
        ["backup:backup-plan", "backup:backup-vault", "elasticfilesystem:access-point", "elasticfilesystem:file-system", "s3:tagged"],
    ),
    (storage, "us-east-1", []),
    (messages, "eu-west-1", ["events:rule", "logs:log-group", "sqs:q"]),
    (secrets, "eu-west-1", ["acm:certificate", "cognito-idp:userpool", "kms:key", "secretsmanager:secret"]),
    (identity, "us-east-1", ["iam:instance-profile", "iam:oidc-provider", "iam:policy"]),
    (identity, "eu-west-1", []),
]


@pytest.mark.parametrize(("make", "region", "kinds"), ROWS, ids=[f"{row[0].__name__} from {row[1]}" for row in ROWS])
def test_it_lists_what_aws_lists(emulator: Emulator, make: Callable[[boto3.Session], None], region: str, kinds: list[str]) -> None:
    make(emulator.session())
    assert _kinds(emulator, region, TagFilters=[{"Key": "hubsmith:deployment", "Values": ["demo"]}]) == kinds
    assert emulator.faults() == []


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([{"Key": "hubsmith:deployment"}], 3),
        ([{"Key": "hubsmith:deployment", "Values": ["other", "demo"]}], 3),
        ([{"Key": "hubsmith:deployment", "Values": ["other"]}], 0),
        ([{"Key": "hubsmith:deployment", "Values": ["demo"]}, {"Key": "absent"}], 0),
    ],
)
def test_its_filters_filter(emulator: Emulator, filters: list[Any], found: int) -> None:
    messages(emulator.session())
    assert len(_kinds(emulator, "eu-west-1", TagFilters=filters)) == found


def test_what_is_deleted_is_not_listed(emulator: Emulator) -> None:
    eks(emulator.session())
    client = emulator.session().client("eks")
    client.delete_nodegroup(clusterName="one", nodegroupName="core")
    client.delete_cluster(name="one")
    assert _kinds(emulator, "eu-west-1", ResourceTypeFilters=["eks"]) == []


def _kinds(emulator: Emulator, region: str, **filters: Any) -> list[str]:
    """`service:type` (or name, for services without types) of all rows, over several pages."""
    pages = emulator.session(region).client("resourcegroupstaggingapi").get_paginator("get_resources")
    rows = [row["ResourceARN"] for page in pages.paginate(ResourcesPerPage=2, **filters) for row in page["ResourceTagMappingList"]]
    parts = [arn.split(":", 5) for arn in rows]
    return sorted(f"{part[2]}:{part[5].split('/')[0].split(':')[0]}" for part in parts)

"""What moto lacks or gets wrong, call by call."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from modules.catalog.quotas import VCPUS
from tests._support.emulator import Emulator

ROLE = "arn:aws:iam::123456789012:role/backup"
TLS_ONLY = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


def _plan(session: boto3.Session) -> tuple[Any, str]:
    backup = session.client("backup")
    backup.create_backup_vault(BackupVaultName="v", BackupVaultTags={"a": "b"})
    rules = [{"RuleName": "daily", "TargetBackupVaultName": "v", "Lifecycle": {"DeleteAfterDays": 35}}]
    plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "p", "Rules": rules}, BackupPlanTags={"c": "d"})
    return backup, plan["BackupPlanId"]


def backup_selection(session: boto3.Session) -> object:
    backup, plan = _plan(session)
    selection = {
        "SelectionName": "homes",
        "IamRoleArn": ROLE,
        "Resources": ["arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-1"],
    }
    id = backup.create_backup_selection(BackupPlanId=plan, BackupSelection=selection)["SelectionId"]
    shown = backup.get_backup_selection(BackupPlanId=plan, SelectionId=id)["BackupSelection"]
    listed = [row["SelectionName"] for row in backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]]
    backup.delete_backup_selection(BackupPlanId=plan, SelectionId=id)
    return shown["Resources"] == selection["Resources"], listed, backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]


def backup_plan_update(session: boto3.Session) -> object:
    backup, plan = _plan(session)
    rules = [{"RuleName": "daily", "TargetBackupVaultName": "v", "Lifecycle": {"DeleteAfterDays": 40}}]
    backup.update_backup_plan(BackupPlanId=plan, BackupPlan={"BackupPlanName": "p", "Rules": rules})
    return backup.get_backup_plan(BackupPlanId=plan)["BackupPlan"]["Rules"][0]["Lifecycle"]["DeleteAfterDays"]


def backup_plan_again(session: boto3.Session) -> object:
    backup, plan = _plan(session)
    backup.delete_backup_plan(BackupPlanId=plan)
    backup.delete_backup_vault(BackupVaultName="v")
    return _plan(session)[1] != plan


def backup_vault_policy(session: boto3.Session) -> object:
    backup, _ = _plan(session)
    backup.put_backup_vault_access_policy(BackupVaultName="v", Policy="{}")
    policy = backup.get_backup_vault_access_policy(BackupVaultName="v")["Policy"]
    backup.delete_backup_vault_access_policy(BackupVaultName="v")
    return policy, backup.list_recovery_points_by_backup_vault(BackupVaultName="v")["RecoveryPoints"]


def backup_tags(session: boto3.Session) -> object:
    backup, plan = _plan(session)
    arns = backup.describe_backup_vault(BackupVaultName="v")["BackupVaultArn"], backup.get_backup_plan(BackupPlanId=plan)["BackupPlanArn"]
    return [backup.list_tags(ResourceArn=arn)["Tags"] for arn in arns]


def _point(session: boto3.Session) -> tuple[Any, str, str]:
    """A recovery point of a file system, complete once it was looked at."""
    backup, _ = _plan(session)
    arn = session.client("efs").create_file_system(CreationToken="t")["FileSystemArn"]
    job = backup.start_backup_job(BackupVaultName="v", ResourceArn=arn, IamRoleArn=ROLE)
    states = [backup.describe_backup_job(BackupJobId=job["BackupJobId"])["State"] for _ in range(2)]
    assert states == ["RUNNING", "COMPLETED"]
    return backup, arn, job["RecoveryPointArn"]


def recovery_points(session: boto3.Session) -> object:
    backup, arn, point = _point(session)
    listed = [
        backup.list_recovery_points_by_backup_vault(BackupVaultName="v", ByResourceArn=arn)["RecoveryPoints"],
        backup.list_recovery_points_by_resource(ResourceArn=arn)["RecoveryPoints"],
    ]
    described = backup.describe_recovery_point(BackupVaultName="v", RecoveryPointArn=point)
    with pytest.raises(ClientError, match="contains recovery points"):
        backup.delete_backup_vault(BackupVaultName="v")
    backup.delete_recovery_point(BackupVaultName="v", RecoveryPointArn=point)
    gone = backup.list_recovery_points_by_backup_vault(BackupVaultName="v")["RecoveryPoints"]
    backup.delete_backup_vault(BackupVaultName="v")
    return [[each["RecoveryPointArn"] == point for each in rows] for rows in listed], described["Status"], gone


def restored_file_system(session: boto3.Session) -> object:
    backup, _, point = _point(session)
    metadata = backup.get_recovery_point_restore_metadata(BackupVaultName="v", RecoveryPointArn=point)["RestoreMetadata"]
    wanted = {**metadata, "newFileSystem": "true", "CreationToken": "new"}
    with pytest.raises(ClientError, match="Metadata lacks file-system-id"):
        backup.start_restore_job(RecoveryPointArn=point, IamRoleArn=ROLE, Metadata={"newFileSystem": "false"})
    job = backup.start_restore_job(RecoveryPointArn=point, IamRoleArn=ROLE, Metadata=wanted)["RestoreJobId"]
    waiting = len(backup.list_restore_jobs(ByStatus="PENDING")["RestoreJobs"])
    shown = [backup.describe_restore_job(RestoreJobId=job) for _ in range(2)]
    made = session.client("efs").describe_file_systems(CreationToken="new")["FileSystems"]
    return waiting, [each["Status"] for each in shown], [each["FileSystemArn"] for each in made] == [shown[1]["CreatedResourceArn"]]


def efs_backup_policy(session: boto3.Session) -> object:
    efs = session.client("efs")
    id = efs.create_file_system(CreationToken="t")["FileSystemId"]
    seen = []
    for status in ("ENABLED", "DISABLED"):
        efs.put_backup_policy(FileSystemId=id, BackupPolicy={"Status": status})
        seen.append(efs.describe_backup_policy(FileSystemId=id)["BackupPolicy"]["Status"])
    return seen


def efs_policy_removed(session: boto3.Session) -> object:
    efs = session.client("efs")
    id = efs.create_file_system(CreationToken="t")["FileSystemId"]
    efs.put_file_system_policy(FileSystemId=id, Policy=json.dumps({"Statement": []}))
    efs.delete_file_system_policy(FileSystemId=id)
    with pytest.raises(ClientError, match="PolicyNotFound"):
        efs.describe_file_system_policy(FileSystemId=id)
    return True


def launch_template_tags(session: boto3.Session) -> object:
    ec2 = session.client("ec2")
    spec = [{"ResourceType": "launch-template", "Tags": [{"Key": "a", "Value": "b"}]}]
    made = ec2.create_launch_template(
        LaunchTemplateName="template", LaunchTemplateData={"InstanceType": "t3.micro"}, TagSpecifications=spec
    )
    data = ec2.describe_launch_template_versions(LaunchTemplateName="template")["LaunchTemplateVersions"][0]["LaunchTemplateData"]
    return made["LaunchTemplate"]["Tags"], data.get("TagSpecifications")


def _instance(session: boto3.Session) -> tuple[Any, dict[str, Any], str]:
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    nic = {"DeviceIndex": 0, "SubnetId": subnet, "Groups": [group], "AssociatePublicIpAddress": False}
    image = session.client("ssm").get_parameter(Name="/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64")
    asked = {"ImageId": image["Parameter"]["Value"], "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    id = ec2.run_instances(NetworkInterfaces=[nic], **asked)["Instances"][0]["InstanceId"]
    return ec2, ec2.describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"][0], group


def instance_network(session: boto3.Session) -> object:
    _, instance, group = _instance(session)
    return [row["GroupId"] for row in instance["SecurityGroups"]] == [group], "Association" in instance["NetworkInterfaces"][0]


def instance_interface_goes(session: boto3.Session) -> object:
    ec2, instance, _ = _instance(session)
    ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
    return ec2.describe_network_interfaces()["NetworkInterfaces"]


def nat_gateway_interface_goes(session: boto3.Session) -> object:
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    id = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    ec2.delete_nat_gateway(NatGatewayId=id)
    shown = ec2.describe_nat_gateways(NatGatewayIds=[id])["NatGateways"][0]["State"]
    associated = ec2.describe_addresses(AllocationIds=[address])["Addresses"][0].get("AssociationId")
    return shown, associated, ec2.describe_network_interfaces()["NetworkInterfaces"]


def instance_monitoring(session: boto3.Session) -> object:
    ec2, instance, _ = _instance(session)
    on = ec2.monitor_instances(InstanceIds=[instance["InstanceId"]])["InstanceMonitorings"][0]["Monitoring"]["State"]
    off = ec2.unmonitor_instances(InstanceIds=[instance["InstanceId"]])["InstanceMonitorings"][0]["Monitoring"]["State"]
    return on, off


def metadata_defaults(session: boto3.Session) -> object:
    ec2 = session.client("ec2")
    ec2.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=1)
    return ec2.get_instance_metadata_defaults()["AccountLevel"]


def private_zone(session: boto3.Session) -> object:
    vpc = session.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    route53 = session.client("route53")
    made = route53.create_hosted_zone(Name="inside.example.org", CallerReference="c", VPC={"VPCId": vpc, "VPCRegion": "eu-west-1"})
    shown = route53.get_hosted_zone(Id=made["HostedZone"]["Id"])
    return shown["HostedZone"]["Config"]["PrivateZone"], [row["VPCId"] for row in shown["VPCs"]] == [vpc]


def public_zone(session: boto3.Session) -> object:
    route53 = session.client("route53")
    made = route53.create_hosted_zone(Name="example.org", CallerReference="c")
    shown = route53.get_hosted_zone(Id=made["HostedZone"]["Id"])
    return shown["HostedZone"]["Config"]["PrivateZone"], shown.get("VPCs"), len(shown["DelegationSet"]["NameServers"])


def tls_only_bucket(session: boto3.Session) -> object:
    s3 = session.client("s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    statement = {**TLS_ONLY, "Resource": ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"]}
    s3.put_bucket_policy(Bucket="bucket", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.put_object(Bucket="bucket", Key="k", Body=b"x")
    return s3.get_object(Bucket="bucket", Key="k")["Body"].read()


def closed_bucket(session: boto3.Session) -> object:
    s3 = session.client("s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/*"}
    s3.put_bucket_policy(Bucket="bucket", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    with pytest.raises(ClientError, match=r"AccessDenied|Forbidden|403"):
        s3.put_object(Bucket="bucket", Key="k", Body=b"x")
    return True


def user_pool_tags(session: boto3.Session) -> object:
    cognito = session.client("cognito-idp")
    arn = cognito.create_user_pool(PoolName="p", UserPoolTags={"a": "b"})["UserPool"]["Arn"]
    cognito.tag_resource(ResourceArn=arn, Tags={"c": "d"})
    cognito.untag_resource(ResourceArn=arn, TagKeys=["a"])
    return cognito.list_tags_for_resource(ResourceArn=arn)["Tags"]


def resource_server(session: boto3.Session) -> object:
    cognito = session.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="p")["UserPool"]["Id"]
    cognito.create_resource_server(UserPoolId=pool, Identifier="i", Name="n")
    cognito.delete_resource_server(UserPoolId=pool, Identifier="i")
    return cognito.list_resource_servers(UserPoolId=pool, MaxResults=5)["ResourceServers"]


def quotas(session: boto3.Session) -> object:
    client = session.client("service-quotas")
    return [
        {each["QuotaCode"]: each["Value"] for each in client.list_service_quotas(ServiceCode=name)["Quotas"]} for name in ("ec2", "vpc")
    ]


def caller(session: boto3.Session) -> object:
    return session.client("sts").get_caller_identity()["Account"]


def policy_simulator(session: boto3.Session) -> object:
    core = session.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
    role = core.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    core.attach_role_policy(RoleName="reader", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    asked = core.simulate_principal_policy(PolicySourceArn=role, ActionNames=["s3:GetObject", "s3:PutObject"])["EvaluationResults"]
    linked = core.create_service_linked_role(AWSServiceName="spot.amazonaws.com")["Role"]["RoleName"]
    return [each["EvalDecision"] for each in asked], linked


ROWS: list[tuple[Callable[[boto3.Session], object], object]] = [
    (backup_selection, (True, ["homes"], [])),
    (backup_plan_update, 40),
    (backup_plan_again, True),
    (backup_vault_policy, ("{}", [])),
    (backup_tags, [{"a": "b"}, {"c": "d"}]),
    (recovery_points, ([[True], [True]], "COMPLETED", [])),
    (restored_file_system, (1, ["RUNNING", "COMPLETED"], True)),
    (efs_backup_policy, ["ENABLED", "DISABLED"]),
    (efs_policy_removed, True),
    (policy_simulator, (["allowed", "implicitDeny"], "AWSServiceRoleForEC2Spot")),
    (launch_template_tags, ([{"Key": "a", "Value": "b"}], None)),
    (instance_network, (True, False)),
    (instance_interface_goes, []),
    (nat_gateway_interface_goes, ("deleted", None, [])),
    (instance_monitoring, ("enabled", "disabled")),
    (metadata_defaults, {"HttpTokens": "required", "HttpPutResponseHopLimit": 1}),
    (private_zone, (True, True)),
    (public_zone, (False, None, 4)),
    (tls_only_bucket, b"x"),
    (closed_bucket, True),
    (user_pool_tags, {"c": "d"}),
    (resource_server, []),
    (quotas, [{quota.code: 1152.0 for quota in VCPUS.values()}, {}]),
    (caller, "123456789012"),
]


@pytest.mark.parametrize(("gap", "answer"), ROWS, ids=[row[0].__name__ for row in ROWS])
def test_a_gap_is_filled(emulator: Emulator, gap: Callable[[boto3.Session], object], answer: object) -> None:
    assert gap(emulator.session()) == answer
    assert emulator.faults() == []


EKS_IMAGES = "/aws/service/eks/optimized-ami"


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1", "us-east-2", "us-west-2", "eu-central-1", "us-gov-west-1"])
@pytest.mark.parametrize(
    "name",
    [
        f"{EKS_IMAGES}/1.35/amazon-linux-2023/x86_64/standard/recommended/image_id",
        f"{EKS_IMAGES}/1.36/amazon-linux-2023/x86_64/nvidia/recommended/image_id",
        "/aws/service/bottlerocket/aws-k8s-1.35-nvidia/x86_64/latest/image_id",
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
    ],
)
def test_aws_publishes_images(emulator_process: Emulator, region: str, name: str) -> None:
    value = emulator_process.session(region).client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    assert value.startswith("ami-")


@pytest.mark.parametrize(
    "name", [f"{EKS_IMAGES}/1.99/amazon-linux-2023/x86_64/standard/recommended/image_id", f"{EKS_IMAGES}/1.35/nonsense"]
)
def test_aws_does_not_publish_what_it_does_not_have(emulator_process: Emulator, name: str) -> None:
    with pytest.raises(ClientError, match="ParameterNotFound"):
        emulator_process.session().client("ssm").get_parameter(Name=name)

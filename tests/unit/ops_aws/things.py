"""Making one thing of each kind in an account, tagged as Terraform would have tagged it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3

from modules.common import tags
from modules.config.models import HubConfig

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


class Maker:
    """Makes tagged things; each method gives the id that the inventory should show."""

    def __init__(self, session: boto3.Session, config: HubConfig) -> None:
        self._session = session
        self.config = config
        self.region = config.region

    def client(self, service: str) -> Any:
        return self._session.client(service, region_name=self.region)

    def tags(self, address: str) -> dict[str, str]:
        stack = f"{self.config.env}-network"
        return {**tags.deployment_tags(self.config.deployment, self.config.env), tags.ADDRESS: tags.address_value(stack, address)}

    def pairs(self, address: str) -> list[dict[str, str]]:
        return [{"Key": key, "Value": value} for key, value in self.tags(address).items()]

    def ec2_tags(self, kind: str, address: str) -> Any:
        return [{"ResourceType": kind, "Tags": self.pairs(address)}]

    def vpc(self, address: str = "aws_vpc.main", cidr: str = "10.1.0.0/21") -> str:
        vpc = self.client("ec2").create_vpc(CidrBlock=cidr, TagSpecifications=self.ec2_tags("vpc", address))
        return str(vpc["Vpc"]["VpcId"])

    def subnet(self, vpc: str, address: str = "aws_subnet.a", cidr: str = "10.1.0.0/24") -> str:
        subnet = self.client("ec2").create_subnet(VpcId=vpc, CidrBlock=cidr, TagSpecifications=self.ec2_tags("subnet", address))
        return str(subnet["Subnet"]["SubnetId"])

    def gateway(self) -> str:
        gateway = self.client("ec2").create_internet_gateway(
            TagSpecifications=self.ec2_tags("internet-gateway", "aws_internet_gateway.main")
        )
        return str(gateway["InternetGateway"]["InternetGatewayId"])

    def address(self) -> str:
        made = self.client("ec2").allocate_address(Domain="vpc", TagSpecifications=self.ec2_tags("elastic-ip", "aws_eip.nat"))
        return str(made["AllocationId"])

    def nat(self, address: str = "aws_nat_gateway.main") -> str:
        subnet, eip = self.subnet(self.vpc()), self.address()
        tags = self.ec2_tags("natgateway", address)
        return str(
            self.client("ec2").create_nat_gateway(SubnetId=subnet, AllocationId=eip, TagSpecifications=tags)["NatGateway"]["NatGatewayId"]
        )

    def routes(self, vpc: str, address: str = "aws_route_table.public") -> str:
        table = self.client("ec2").create_route_table(VpcId=vpc, TagSpecifications=self.ec2_tags("route-table", address))
        return str(table["RouteTable"]["RouteTableId"])

    def group(self, vpc: str, address: str = "aws_security_group.efs") -> str:
        tags = self.ec2_tags("security-group", address)
        group = self.client("ec2").create_security_group(GroupName="efs", Description="x", VpcId=vpc, TagSpecifications=tags)
        return str(group["GroupId"])

    def group_rule(self) -> str:
        group = self.group(self.vpc())
        permission = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
        tags = self.ec2_tags("security-group-rule", "aws_vpc_security_group_ingress_rule.nfs")
        made = self.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[permission], TagSpecifications=tags)
        return str(made["SecurityGroupRules"][0]["SecurityGroupRuleId"])

    def endpoint(self) -> str:
        tags = self.ec2_tags("vpc-endpoint", "aws_vpc_endpoint.s3")
        service = f"com.amazonaws.{self.region}.s3"
        made = self.client("ec2").create_vpc_endpoint(VpcId=self.vpc(), ServiceName=service, TagSpecifications=tags)
        return str(made["VpcEndpoint"]["VpcEndpointId"])

    def template(self) -> str:
        tags = self.ec2_tags("launch-template", "aws_launch_template.core")
        made = self.client("ec2").create_launch_template(
            LaunchTemplateName="core", LaunchTemplateData={"InstanceType": "t3.small"}, TagSpecifications=tags
        )
        return str(made["LaunchTemplate"]["LaunchTemplateId"])

    def instance(self) -> str:
        tags = self.ec2_tags("instance", "aws_instance.admin")
        made = self.client("ec2").run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, TagSpecifications=tags)
        return str(made["Instances"][0]["InstanceId"])

    def key(self) -> str:
        tags = [{"TagKey": pair["Key"], "TagValue": pair["Value"]} for pair in self.pairs("aws_kms_key.data")]
        return str(self.client("kms").create_key(Tags=tags)["KeyMetadata"]["KeyId"])

    def file_system(self) -> str:
        made = self.client("efs").create_file_system(CreationToken="x", Tags=self.pairs("aws_efs_file_system.homes"))
        return str(made["FileSystemId"])

    def access_point(self) -> str:
        made = self.client("efs").create_access_point(
            ClientToken="x", FileSystemId=self.file_system(), Tags=self.pairs("aws_efs_access_point.shared")
        )
        return str(made["AccessPointId"])

    def bucket(self, name: str = "lab-shared") -> str:
        s3 = self.client("s3")
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": self.region})
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": self.pairs("aws_s3_bucket.shared")})
        return name

    def vault(self) -> str:
        self.client("backup").create_backup_vault(BackupVaultName="lab", BackupVaultTags=self.tags("aws_backup_vault.main"))
        return "lab"

    def pool(self) -> str:
        made = self.client("cognito-idp").create_user_pool(PoolName="lab", UserPoolTags=self.tags("aws_cognito_user_pool.main"))
        return str(made["UserPool"]["Id"])

    def secret(self) -> str:
        made = self.client("secretsmanager").create_secret(Name="lab/oauth", Tags=self.pairs("aws_secretsmanager_secret.oauth"))
        return str(made["ARN"]).rpartition(":")[2]

    def log_group(self, name: str = "/lab/flow") -> str:
        self.client("logs").create_log_group(logGroupName=name, tags=self.tags("aws_cloudwatch_log_group.flow"))
        return name

    def certificate(self) -> str:
        made = self.client("acm").request_certificate(
            DomainName="hub.lab.test", ValidationMethod="DNS", Tags=self.pairs("aws_acm_certificate.hub")
        )
        return str(made["CertificateArn"]).rpartition("/")[2]

    def queue(self) -> str:
        self.client("sqs").create_queue(QueueName="lab-karpenter", tags=self.tags("aws_sqs_queue.interruption"))
        return "lab-karpenter"

    def rule(self) -> str:
        pattern = json.dumps({"source": ["aws.ec2"]})
        tags = self.pairs("aws_cloudwatch_event_rule.spot")
        self.client("events").put_rule(Name="lab-spot", EventPattern=pattern, Tags=tags)
        return "lab-spot"

    def table(self) -> str:
        self.client("dynamodb").create_table(
            TableName="lab-locks",
            KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=self.pairs("aws_dynamodb_table.locks"),
        )
        return "lab-locks"

    def parameter(self, name: str = "/lab/dcv/display") -> str:
        self.client("ssm").put_parameter(Name=name, Value=":0", Type="String", Tags=self.pairs("aws_ssm_parameter.display"))
        return name.removeprefix("/")

    def role(self, name: str = "lab-node") -> str:
        path = f"/hubsmith/{self.config.deployment}/"
        self.client("iam").create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=TRUST, Tags=self.pairs("aws_iam_role.node"))
        return f"hubsmith/{self.config.deployment}/{name}"

    def policy(self) -> str:
        document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]})
        path = f"/hubsmith/{self.config.deployment}/"
        self.client("iam").create_policy(PolicyName="lab", Path=path, PolicyDocument=document, Tags=self.pairs("aws_iam_policy.x"))
        return f"hubsmith/{self.config.deployment}/lab"

    def profile(self) -> str:
        path = f"/hubsmith/{self.config.deployment}/"
        self.client("iam").create_instance_profile(
            InstanceProfileName="lab-admin", Path=path, Tags=self.pairs("aws_iam_instance_profile.admin")
        )
        return f"hubsmith/{self.config.deployment}/lab-admin"


#: Kind → how to make one. Kinds that moto's own tag index does not know are proved by the engine tests instead.
MAKERS: dict[str, Callable[[Maker], str]] = {
    "ec2:vpc": lambda make: make.vpc(),
    "ec2:subnet": lambda make: make.subnet(make.vpc()),
    "ec2:internet-gateway": lambda make: make.gateway(),
    "ec2:elastic-ip": lambda make: make.address(),
    "ec2:natgateway": lambda make: make.nat(),
    "ec2:route-table": lambda make: make.routes(make.vpc()),
    "ec2:security-group": lambda make: make.group(make.vpc()),
    "ec2:security-group-rule": lambda make: make.group_rule(),
    "ec2:vpc-endpoint": lambda make: make.endpoint(),
    "ec2:launch-template": lambda make: make.template(),
    "ec2:instance": lambda make: make.instance(),
    "kms:key": lambda make: make.key(),
    "elasticfilesystem:file-system": lambda make: make.file_system(),
    "elasticfilesystem:access-point": lambda make: make.access_point(),
    "s3:bucket": lambda make: make.bucket(),
    "backup:backup-vault": lambda make: make.vault(),
    "cognito-idp:userpool": lambda make: make.pool(),
    "secretsmanager:secret": lambda make: make.secret(),
    "logs:log-group": lambda make: make.log_group(),
    "acm:certificate": lambda make: make.certificate(),
    "sqs:queue": lambda make: make.queue(),
    "events:rule": lambda make: make.rule(),
    "dynamodb:table": lambda make: make.table(),
    "ssm:parameter": lambda make: make.parameter(),
    "iam:role": lambda make: make.role(),
    "iam:policy": lambda make: make.policy(),
    "iam:instance-profile": lambda make: make.profile(),
}

"""One orphan of each kind, as a lost cluster leaves it; made twice in one account, for us and for somebody else."""

from __future__ import annotations

import json
from typing import Any

import boto3

from modules.common import tags
from modules.config.models import HubConfig
from tests.unit.ops_aws.things import TRUST

#: Interfaces and snapshots that no service made.
_OWN: set[str] = set()


class Orphans:
    """Leaves one of each. `left` holds what a sweep should say of them; `kept` what it must never name."""

    def __init__(self, session: boto3.Session, config: HubConfig, cidr: str, zone: str) -> None:
        self.left: set[str] = set()
        self.kept: set[str] = set()
        self._session = session
        self._config = config
        self._name = config.cluster_name
        self._zone = zone
        self._ec2: Any = self.client("ec2")
        self._network(cidr)
        self._from_controllers()
        self._disks()
        self._names()
        self._identity()
        self._messages()
        self._hand_over()

    def _hand_over(self) -> None:
        """moto leaves the interfaces of load balancers and mount targets to everybody; in AWS they are their service's."""
        from moto.ec2.models import ec2_backends

        for interface in ec2_backends["123456789012"][self._config.region].enis.values():
            interface.requester_managed = interface.requester_managed or interface.id not in _OWN
        # Those of its public images: it goes through all of them for every answer.
        snapshots = ec2_backends["123456789012"][self._config.region].snapshots
        for id in [id for id in snapshots if id not in _OWN]:
            del snapshots[id]

    def client(self, service: str) -> Any:
        made: Any = self._session.client
        return made(service, region_name=self._config.region)

    def _pairs(self, stack: str = "", address: str = "", **more: str) -> list[dict[str, str]]:
        found = tags.deployment_tags(self._config.deployment, self._config.env) | more
        if address:
            found[tags.ADDRESS] = tags.address_value(f"{self._config.env}-{stack}", address)
        return [{"Key": key, "Value": value} for key, value in found.items()]

    @property
    def _of_cluster(self) -> list[dict[str, str]]:
        return [{"Key": f"kubernetes.io/cluster/{self._name}", "Value": "owned"}]

    @staticmethod
    def _spec(kind: str, pairs: list[dict[str, str]]) -> Any:
        return [{"ResourceType": kind, "Tags": pairs}]

    def _add(self, kind: str, id: str) -> str:
        self.left.add(f"{kind} {id}")
        return id

    def _network(self, cidr: str) -> None:
        """What a run that was killed made, and no state knows."""
        ec2 = self._ec2
        lost = lambda kind, address: self._spec(kind, self._pairs("network", address))  # noqa: E731
        self.vpc = self._add("VPC", ec2.create_vpc(CidrBlock=cidr, TagSpecifications=lost("vpc", "aws_vpc.main"))["Vpc"]["VpcId"])
        made = ec2.create_subnet(VpcId=self.vpc, CidrBlock=cidr, TagSpecifications=lost("subnet", "aws_subnet.a"))
        self.subnet = self._add("subnet", made["Subnet"]["SubnetId"])
        gateway = ec2.create_internet_gateway(TagSpecifications=lost("internet-gateway", "aws_internet_gateway.main"))
        self.gateway = self._add("internet gateway", gateway["InternetGateway"]["InternetGatewayId"])
        ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        table = ec2.create_route_table(VpcId=self.vpc, TagSpecifications=lost("route-table", "aws_route_table.a"))["RouteTable"]
        ec2.associate_route_table(RouteTableId=self._add("route table", table["RouteTableId"]), SubnetId=self.subnet)
        address = ec2.allocate_address(Domain="vpc", TagSpecifications=lost("elastic-ip", "aws_eip.a"))["AllocationId"]
        self._add("elastic IP", address)
        nat = ec2.create_nat_gateway(SubnetId=self.subnet, AllocationId=address, TagSpecifications=lost("natgateway", "aws_nat_gateway.a"))
        self._add("NAT gateway", nat["NatGateway"]["NatGatewayId"])
        endpoint = ec2.create_vpc_endpoint(
            VpcId=self.vpc,
            VpcEndpointType="Gateway",
            ServiceName="com.amazonaws.us-east-2.s3",
            TagSpecifications=lost("vpc-endpoint", "aws_vpc_endpoint.s3"),
        )
        self._add("VPC endpoint", endpoint["VpcEndpoint"]["VpcEndpointId"])

    def _group(self, name: str) -> str:
        made = self._ec2.create_security_group(GroupName=name, Description="x", VpcId=self.vpc)
        return self._add("security group", made["GroupId"])

    def _from_controllers(self) -> None:
        ec2, elb = self._ec2, self.client("elbv2")
        # Untagged, in our VPC: the second is named by a rule of the first.
        self.upper, self.lower = self._group("k8s-elb-one"), self._group("k8s-traffic")
        rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "UserIdGroupPairs": [{"GroupId": self.lower}]}
        ec2.authorize_security_group_ingress(GroupId=self.upper, IpPermissions=[rule])
        interface = ec2.create_network_interface(SubnetId=self.subnet, Groups=[self.upper])["NetworkInterface"]
        self.interface = self._add("network interface", interface["NetworkInterfaceId"])
        _OWN.add(self.interface)
        mark = [{"Key": "elbv2.k8s.aws/cluster", "Value": self._name}]
        balancer = elb.create_load_balancer(Name=f"{self._name}-front", Subnets=[self.subnet], Type="network", Tags=mark)
        self._add("load balancer", f"{self._name}-front")
        target = elb.create_target_group(Name=f"{self._name}-hub", Protocol="TCP", Port=443, VpcId=self.vpc)["TargetGroups"][0]
        self._add("target group", f"{self._name}-hub")
        elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
            Protocol="TCP",
            Port=443,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": target["TargetGroupArn"]}],
        )
        listener = {"Protocol": "TCP", "LoadBalancerPort": 443, "InstancePort": 443}
        self.client("elb").create_load_balancer(
            LoadBalancerName=f"{self._name}-old",
            Listeners=[listener],
            Subnets=[self.subnet],
            SecurityGroups=[self.lower],
            Tags=self._of_cluster,
        )
        self._add("classic load balancer", f"{self._name}-old")
        node = [*self._of_cluster, {"Key": "karpenter.sh/nodepool", "Value": "default"}]
        made = ec2.run_instances(
            ImageId="ami-12345678", MinCount=1, MaxCount=1, SubnetId=self.subnet, TagSpecifications=self._spec("instance", node)
        )
        self._add("instance", made["Instances"][0]["InstanceId"])
        template = ec2.create_launch_template(
            LaunchTemplateName=f"karpenter-{self._name}",
            LaunchTemplateData={},
            TagSpecifications=self._spec("launch-template", [{"Key": "karpenter.k8s.aws/cluster", "Value": self._name}]),
        )
        self._add("launch template", template["LaunchTemplate"]["LaunchTemplateId"])

    def _volume(self, claim: str, pairs: list[dict[str, str]]) -> str:
        pairs = [*pairs, {"Key": "kubernetes.io/created-for/pvc/name", "Value": claim}]
        made = self._ec2.create_volume(AvailabilityZone="us-east-2a", Size=1, TagSpecifications=self._spec("volume", pairs))
        return str(made["VolumeId"])

    def _disks(self) -> None:
        named = [{"Key": "CSIVolumeSnapshotName", "Value": "snap"}]
        scratch = self._add("volume", self._volume("scratch", self._of_cluster))
        self._add("volume", self._volume("cache", self._pairs()))
        home = self._volume("claim-ada", self._of_cluster)
        self.kept |= {f"volume {home}", f"volume {self._volume('hub-db-dir', self._pairs())}"}
        for volume, into in ((scratch, self.left), (home, self.kept)):
            made = self._ec2.create_snapshot(VolumeId=volume, TagSpecifications=self._spec("snapshot", [*named, *self._of_cluster]))
            into.add(f"snapshot {made['SnapshotId']}")
            _OWN.add(made["SnapshotId"])
        efs = self.client("efs")
        system = efs.create_file_system(CreationToken=self._name, Tags=self._pairs("data", "aws_efs_file_system.homes"))["FileSystemId"]
        target = efs.create_mount_target(FileSystemId=system, SubnetId=self.subnet, SecurityGroups=[self.lower])
        self._add("mount target", target["MountTargetId"])
        point = efs.create_access_point(
            ClientToken=self._name, FileSystemId=system, Tags=[{"Key": "efs.csi.aws.com/cluster", "Value": "true"}]
        )
        self._add("access point", point["AccessPointId"])
        self.kept.add(f"file system {system}")

    def _names(self) -> None:
        logs, kms, config = self.client("logs"), self.client("kms"), self._config
        names = (
            f"/aws/eks/{self._name}/cluster",
            f"/aws/containerinsights/{self._name}/performance",
            f"/hubsmith/{config.deployment}/vpc-flow-logs",
        )
        for name in names:
            logs.create_log_group(logGroupName=self._add("log group", name))
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName=self._add("key alias", f"alias/hubsmith/{config.deployment}/secrets"), TargetKeyId=key)
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        host = str(config.domain)
        owner = f'"heritage=external-dns,external-dns/owner={config.deployment},external-dns/resource=service/hub/proxy"'
        for name, kind, value in ((host, "A", "192.0.2.1"), (f"hubsmith-a.{host}", "TXT", owner)):
            record = {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]}
            change = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
            self.client("route53").change_resource_record_sets(HostedZoneId=self._zone, ChangeBatch=change)
            self._add("record", f"{name} {kind}")

    def _identity(self) -> None:
        iam, path = self.client("iam"), f"/hubsmith/{self._config.deployment}/"
        role = self._add("role", f"{self._name}-karpenter-node")
        iam.create_role(RoleName=role, Path=path, AssumeRolePolicyDocument=TRUST, Tags=self._pairs("cluster", "aws_iam_role.node"))
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
        made = iam.create_policy(PolicyName=self._add("policy", f"{self._name}-read"), Path=path, PolicyDocument=json.dumps(policy))
        iam.attach_role_policy(RoleName=role, PolicyArn=made["Policy"]["Arn"])
        profile = self._add("instance profile", f"{self._name}_12345")
        iam.create_instance_profile(InstanceProfileName=profile, Tags=self._of_cluster)
        iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=role)
        host = f"oidc.eks.us-east-2.amazonaws.com/id/{self._config.env.upper()}"
        iam.create_open_id_connect_provider(
            Url=f"https://{host}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["0" * 40], Tags=self._pairs()
        )
        self._add("OIDC provider", host)

    def _messages(self) -> None:
        queue, rule = f"{self._name}-interruptions", f"{self._name}-rebalance"
        self.client("sqs").create_queue(QueueName=self._add("queue", queue))
        events = self.client("events")
        events.put_rule(Name=self._add("event rule", rule), EventPattern='{"source": ["aws.ec2"]}')
        events.put_targets(Rule=rule, Targets=[{"Id": "karpenter", "Arn": f"arn:aws:sqs:us-east-2:123456789012:{queue}"}])

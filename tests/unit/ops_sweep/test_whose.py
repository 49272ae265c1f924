"""What a sweep must leave although it looks like litter."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from modules.common.homes import CLAIM_TAG
from modules.common.tags import PURPOSE, deployment_tags
from modules.config.models import HubConfig
from modules.ops.sweep import Held, orphans, sweep
from tests.unit.ops_aws.support import make_config, refusal
from tests.unit.ops_aws.things import Maker

NOTHING = Held()


@pytest.fixture
def config() -> HubConfig:
    return make_config()


def found(session: boto3.Session, config: HubConfig, *vpcs: str, held: Held | None = NOTHING) -> set[str]:
    return {str(item) for item in orphans(session, config, vpcs, held)[0]}


def volume(session: boto3.Session, config: HubConfig, **more: str) -> str:
    ec2: Any = session.client("ec2", region_name=config.region)
    written = [{"Key": key, "Value": value} for key, value in {**deployment_tags(config.deployment, config.env), **more}.items()]
    kinds = [{"ResourceType": "volume", "Tags": written}]
    return str(ec2.create_volume(AvailabilityZone="us-east-2a", Size=1, TagSpecifications=kinds)["VolumeId"])


def test_a_claim_of_a_class_that_keeps_is_kept_whatever_its_name(session: boto3.Session, config: HubConfig) -> None:
    goes = volume(session, config, **{CLAIM_TAG: "project-data"})
    volume(session, config, **{CLAIM_TAG: "project-data", PURPOSE: "homes"})
    assert found(session, config) == {f"volume {goes}"}


def test_a_group_in_use_keeps_its_rules(session: boto3.Session, config: HubConfig) -> None:
    make = Maker(session, config)
    ec2: Any = make.client("ec2")
    vpc = make.vpc()
    group = ec2.create_security_group(GroupName="somebody's database", Description="x", VpcId=vpc)["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, SubnetId=make.subnet(vpc), SecurityGroupIds=[group])

    def refuse(model: Any, **_: Any) -> None:
        """As AWS does; moto deletes a group in use."""
        if model.name == "DeleteSecurityGroup":
            raise refusal("DependencyViolation")

    session.events.register("before-call", refuse)
    sweep(session, config, (vpc,), dry_run=False, seconds=0, pause=0.0)
    assert ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]


def records(session: boto3.Session, config: HubConfig, note: str, record: dict[str, Any]) -> None:
    route53: Any = session.client("route53", region_name=config.region)
    zone = route53.create_hosted_zone(Name="lab.test", CallerReference="x")["HostedZone"]["Id"]
    said = f'"heritage=external-dns,external-dns/owner={config.deployment},external-dns/resource=service/hub/public"'
    text = {"Name": f"hubsmith-{note}.hub.lab.test", "Type": "TXT", "TTL": 300, "ResourceRecords": [{"Value": said}]}
    changes = [{"Action": "CREATE", "ResourceRecordSet": each} for each in (text, {"Name": "hub.lab.test", **record})]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


PLAIN = {"Type": "A", "TTL": 300, "ResourceRecords": [{"Value": "192.0.2.1"}]}
ALIAS = {"Type": "A", "AliasTarget": {"HostedZoneId": "Z1", "DNSName": "x.elb.amazonaws.com", "EvaluateTargetHealth": False}}


@pytest.mark.parametrize(("note", "record", "goes"), [("a", PLAIN, True), ("cname", ALIAS, True), ("cname", PLAIN, False)])
def test_an_alias_goes_with_its_note(session: boto3.Session, config: HubConfig, note: str, record: dict[str, Any], goes: bool) -> None:
    records(session, config, note, record)
    assert ("record hub.lab.test A" in found(session, config)) is goes
    assert f"record hubsmith-{note}.hub.lab.test TXT" in found(session, config)


@pytest.mark.parametrize(("address", "goes"), [("lab-cluster/aws_kms_key.eks", True), ("lab-data/aws_kms_key.data", False), ("", False)])
def test_a_key_goes_only_as_one_of_ours_and_of_no_data(session: boto3.Session, config: HubConfig, address: str, goes: bool) -> None:
    kms: Any = session.client("kms", region_name=config.region)
    written = deployment_tags(config.deployment, config.env) | ({"hubsmith:address": address} if address else {})
    key = kms.create_key(Tags=[{"TagKey": name, "TagValue": value} for name, value in written.items()])["KeyMetadata"]["KeyId"]
    assert (f"key {key}" in found(session, config)) is goes
    assert f"key {key}" not in found(session, config, held=None)


def test_a_cluster_that_lost_its_tag_lives(session: boto3.Session, config: HubConfig) -> None:
    eks: Any = session.client("eks", region_name=config.region)
    eks.create_cluster(name="lab", roleArn="arn:aws:iam::123456789012:role/x", resourcesVpcConfig={})
    assert orphans(session, config, (), NOTHING)[1].alive

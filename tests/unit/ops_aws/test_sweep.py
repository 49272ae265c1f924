"""What is swept, what is left alone, and what is reported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from modules.common.tags import DEPLOYMENT
from modules.config.models import HubConfig
from modules.ops.sweep import engine, leftovers, sweep
from tests.unit.ops_aws.support import make_config, refusal
from tests.unit.ops_aws.things import Maker

CLUSTER_TAG = {"Key": "kubernetes.io/cluster/lab", "Value": "owned"}


@pytest.fixture
def make(session: boto3.Session, config: HubConfig) -> Maker:
    return Maker(session, config)


def foreign() -> dict[str, str]:
    return {"Key": DEPLOYMENT, "Value": make_config(env="other").deployment}


class Litter:
    """One of each, with more tags when asked."""

    def __init__(self, make: Maker) -> None:
        self.ec2 = make.client("ec2")
        self.elb = make.client("elbv2")
        self.make = make
        self.vpc = make.vpc()
        self.subnet = make.subnet(self.vpc)

    def interface(self, *tags: dict[str, str]) -> str:
        specifications = [{"ResourceType": "network-interface", "Tags": list(tags)}] if tags else []
        made = self.ec2.create_network_interface(SubnetId=self.subnet, TagSpecifications=specifications)
        return f"network interface {made['NetworkInterface']['NetworkInterfaceId']}"

    def group(self, *tags: dict[str, str]) -> str:
        specifications = [{"ResourceType": "security-group", "Tags": list(tags)}] if tags else []
        made = self.ec2.create_security_group(GroupName="k8s-elb-x", Description="x", VpcId=self.vpc, TagSpecifications=specifications)
        return f"security group {made['GroupId']}"

    def balancer(self, *tags: dict[str, str]) -> str:
        self.elb.create_load_balancer(
            Name="k8s-hub", Subnets=[self.subnet], Type="network", Tags=list(tags) or [{"Key": "a", "Value": "b"}]
        )
        return "load balancer k8s-hub"

    def targets(self, *tags: dict[str, str]) -> str:
        made = self.elb.create_target_group(Name="k8s-hub", Protocol="TCP", Port=443, VpcId=self.vpc)["TargetGroups"][0]["TargetGroupArn"]
        if tags:
            self.elb.add_tags(ResourceArns=[made], Tags=list(tags))
        return "target group k8s-hub"

    def classic(self, *tags: dict[str, str]) -> str:
        listener = {"Protocol": "TCP", "LoadBalancerPort": 443, "InstancePort": 443}
        client = self.make.client("elb")
        # With a group of Terraform's, or one more would be made for it.
        group = self.make.group(self.vpc)
        client.create_load_balancer(
            LoadBalancerName="a1b2", Listeners=[listener], Subnets=[self.subnet], SecurityGroups=[group], Tags=[CLUSTER_TAG, *tags]
        )
        return "classic load balancer a1b2"

    def template(self, *tags: dict[str, str]) -> str:
        known = [{"Key": "karpenter.k8s.aws/cluster", "Value": "lab"}, *tags]
        made = self.ec2.create_launch_template(
            LaunchTemplateName="k", LaunchTemplateData={}, TagSpecifications=[{"ResourceType": "launch-template", "Tags": known}]
        )
        return f"launch template {made['LaunchTemplate']['LaunchTemplateId']}"

    def node(self, *tags: dict[str, str]) -> str:
        known = [CLUSTER_TAG, {"Key": "karpenter.sh/nodepool", "Value": "default"}, *tags]
        specifications = [{"ResourceType": "instance", "Tags": known}]
        made = self.ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, TagSpecifications=specifications)
        return f"instance {made['Instances'][0]['InstanceId']}"

    def logs(self, *tags: dict[str, str]) -> str:
        plain = {tag["Key"]: tag["Value"] for tag in tags}
        self.make.client("logs").create_log_group(logGroupName="/aws/eks/lab/cluster", **({"tags": plain} if plain else {}))
        return "log group /aws/eks/lab/cluster"


KINDS: list[Callable[..., str]] = [
    Litter.interface,
    Litter.group,
    Litter.balancer,
    Litter.targets,
    Litter.classic,
    Litter.template,
    Litter.node,
    Litter.logs,
]


def swept(session: boto3.Session, config: HubConfig, litter: Litter, *, dry_run: bool = False) -> Any:
    return sweep(session, config, (litter.vpc,), dry_run=dry_run, seconds=120, pause=0.01)


@pytest.mark.parametrize("leave", KINDS)
def test_each_kind_is_found_removed_and_named(leave: Callable[..., str], make: Maker, session: boto3.Session, config: HubConfig) -> None:
    litter = Litter(make)
    name = leave(litter)
    listed = swept(session, config, litter, dry_run=True)
    assert (listed.removed, [f"{item.kind} {item.id}" for item in listed.remaining]) == ((), [name])
    done = swept(session, config, litter)
    assert (done.removed, done.remaining) == ((name,), ())
    assert swept(session, config, litter) == type(done)((), ())


@pytest.mark.parametrize("leave", KINDS)
def test_another_deployments_things_stay(leave: Callable[..., str], make: Maker, session: boto3.Session, config: HubConfig) -> None:
    litter = Litter(make)
    leave(litter, foreign())
    assert swept(session, config, litter, dry_run=True).remaining == ()


@pytest.mark.parametrize("leave", [Litter.interface, Litter.group, Litter.targets])
def test_things_in_another_vpc_stay(leave: Callable[..., str], make: Maker, session: boto3.Session, config: HubConfig) -> None:
    litter = Litter(make)
    leave(litter)
    assert sweep(session, config, ("vpc-0",), dry_run=True).remaining == ()
    assert sweep(session, config, (), dry_run=True).remaining == ()


def test_terraforms_own_things_stay(make: Maker, session: boto3.Session, config: HubConfig) -> None:
    litter = Litter(make)
    make.group(litter.vpc)
    assert swept(session, config, litter, dry_run=True).remaining == ()


@pytest.mark.parametrize("leave", [Litter.template, Litter.node, Litter.logs])
def test_an_existing_clusters_things_are_its_owners(leave: Callable[..., str], make: Maker, session: boto3.Session) -> None:
    existing = {
        "name": "lab",
        "oidc_provider_arn": "arn:aws:iam::123456789012:oidc-provider/x",
        "oidc_issuer": "oidc.test/id",
        "security_group_id": "sg-1",
        "node_role_arn": "arn:aws:iam::123456789012:role/x",
    }
    litter = Litter(make)
    leave(litter)
    assert swept(session, make_config(cluster={"existing": existing}), litter, dry_run=True).remaining == ()


@pytest.mark.parametrize("owner", ["other", None])
def test_a_living_cluster_of_that_name_that_is_not_ours_protects_its_things(
    owner: str | None, make: Maker, session: boto3.Session, config: HubConfig
) -> None:
    litter = Litter(make)
    litter.logs()
    tags = {DEPLOYMENT: make_config(env=owner).deployment} if owner else {}
    make.client("eks").create_cluster(name="lab", roleArn="arn:aws:iam::123456789012:role/x", resourcesVpcConfig={}, tags=tags)
    assert swept(session, config, litter, dry_run=True).remaining == ()


def test_what_will_not_go_is_reported_with_awss_reason(
    make: Maker, session: boto3.Session, config: HubConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_PATIENT", 2)
    litter = Litter(make)
    name = litter.group()

    def refuse(model: Any, **_: Any) -> None:
        if model.name == "DeleteSecurityGroup":
            raise refusal("DependencyViolation", "DeleteSecurityGroup", message="has a dependent object")

    session.events.register("before-call", refuse)
    said: list[str] = []
    done = sweep(session, config, (litter.vpc,), dry_run=False, seconds=120, pause=0.01, note=said.append)
    assert done.removed == ()
    assert [str(item) for item in done.remaining] == [f"{name}: DependencyViolation: has a dependent object"]
    assert "waiting for 1 to go" in said[0]


def test_what_is_busy_at_first_goes_in_a_later_round(make: Maker, session: boto3.Session, config: HubConfig) -> None:
    litter = Litter(make)
    name = litter.interface()
    refusals = [refusal("InvalidParameterValue.InUse")] * 2

    def refuse(model: Any, **_: Any) -> None:
        if model.name == "DeleteNetworkInterface" and refusals:
            raise refusals.pop()

    session.events.register("before-call", refuse)
    assert swept(session, config, litter).removed == (name,)


def test_groups_that_name_each_other_go(make: Maker, session: boto3.Session, config: HubConfig) -> None:
    litter = Litter(make)
    one = litter.group().rpartition(" ")[2]
    other = litter.ec2.create_security_group(GroupName="k8s-traffic-x", Description="x", VpcId=litter.vpc)["GroupId"]
    for group, peer in ((one, other), (other, one)):
        permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "UserIdGroupPairs": [{"GroupId": peer}]}
        litter.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    done = swept(session, config, litter)
    assert (len(done.removed), done.remaining) == (2, ())


def test_leftovers_are_what_is_neither_kept_nor_scheduled_nor_the_backend(make: Maker, session: boto3.Session, config: HubConfig) -> None:
    vpc, key = make.vpc(), make.key()
    make.bucket(config.state_bucket)
    make.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    left = leftovers(session, config, ())
    assert [(found.kind, found.id) for found in left] == [("ec2:vpc", vpc)]
    assert str(left[0]) == f"ec2:vpc {vpc} (lab-network/aws_vpc.main)"
    assert leftovers(session, config, {"lab-network"}) == ()


def test_leftovers_wait_for_what_is_on_its_way(make: Maker, session: boto3.Session, config: HubConfig, monkeypatch: Any) -> None:
    from modules.ops.inventory import make_found
    from modules.ops.life import Life
    from modules.ops.sweep import stock as module

    going = make_found("arn:aws:ec2:us-east-2:123456789012:natgateway/nat-1", {})
    object.__setattr__(going, "life", Life.GOING)
    answers = [(going,), (going,), ()]
    monkeypatch.setattr(module, "inventory", lambda session, config: answers.pop(0))
    assert leftovers(session, config, (), pause=0.01) == ()
    answers[:] = [(going,), (going,)]
    assert leftovers(session, config, (), seconds=0, pause=0.01) == (going,)

"""What is adopted after a crash, by which id, and what never is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.adopt import adoptions
from modules.ops.adopt.adoption import BY_NAME, BY_PARENT, PUT_AGAIN, TAGGED
from modules.ops.life import CHECKS, EC2
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_aws.things import Maker

STACK = "lab-network"
#: Every resource type that a stack of this project may hold.
TYPES = [
    "aws_kms_key",
    "aws_kms_alias",
    "aws_efs_file_system",
    "aws_efs_file_system_policy",
    "aws_efs_access_point",
    "aws_efs_mount_target",
    "aws_s3_bucket",
    "aws_s3_bucket_versioning",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_backup_vault",
    "aws_backup_plan",
    "aws_backup_selection",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_iam_policy",
    "aws_iam_instance_profile",
    "aws_iam_openid_connect_provider",
    "aws_cognito_user_pool",
    "aws_cognito_user_pool_client",
    "aws_cognito_user_pool_domain",
    "aws_cognito_user_group",
    "aws_secretsmanager_secret",
    "aws_vpc",
    "aws_vpc_ipv4_cidr_block_association",
    "aws_default_security_group",
    "aws_subnet",
    "aws_internet_gateway",
    "aws_eip",
    "aws_nat_gateway",
    "aws_route_table",
    "aws_route",
    "aws_route_table_association",
    "aws_vpc_endpoint",
    "aws_security_group",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_security_group_egress_rule",
    "aws_flow_log",
    "aws_cloudwatch_log_group",
    "aws_acm_certificate",
    "aws_acm_certificate_validation",
    "aws_route53_record",
    "aws_eks_cluster",
    "aws_eks_node_group",
    "aws_eks_addon",
    "aws_eks_access_entry",
    "aws_eks_access_policy_association",
    "aws_launch_template",
    "aws_autoscaling_group_tag",
    "aws_ssm_parameter",
    "aws_sqs_queue",
    "aws_sqs_queue_policy",
    "aws_cloudwatch_event_rule",
    "aws_cloudwatch_event_target",
    "aws_instance",
]


@pytest.fixture
def make(session: boto3.Session, config: HubConfig) -> Maker:
    return Maker(session, config)


def document(**bodies: dict[str, Any]) -> dict[str, Any]:
    """A stack's document; `aws_vpc__main={...}` is one resource."""
    resources: dict[str, dict[str, Any]] = {}
    for key, body in bodies.items():
        kind, name = key.split("__")
        resources.setdefault(kind, {})[name] = body
    return {"resource": resources}


def adopted(session: boto3.Session, config: HubConfig, plan: dict[str, Any], in_state: tuple[str, ...] = ()) -> dict[str, str]:
    return {item.address: item.import_id for item in adoptions(session, config, STACK, plan, frozenset(in_state))}


@pytest.mark.parametrize("kind", TYPES)
def test_each_type_has_exactly_one_way(kind: str) -> None:
    assert sum(kind in table for table in (TAGGED, BY_PARENT, PUT_AGAIN)) == 1


def test_the_tables_hold_no_other_types_and_only_kinds_with_a_check() -> None:
    assert {*TAGGED, *BY_PARENT, *PUT_AGAIN} == set(TYPES)
    assert set(BY_NAME) <= set(TAGGED)
    assert {row.kind for row in TAGGED.values()} <= {*CHECKS, *(f"ec2:{kind}" for kind in EC2)}


@pytest.mark.parametrize(
    ("address", "make_it", "form"),
    [
        ("aws_vpc.main", Maker.vpc, "{}"),
        ("aws_internet_gateway.main", Maker.gateway, "{}"),
        ("aws_eip.nat", Maker.address, "{}"),
        ("aws_nat_gateway.main", Maker.nat, "{}"),
        ("aws_vpc_security_group_ingress_rule.nfs", Maker.group_rule, "{}"),
        ("aws_vpc_endpoint.s3", Maker.endpoint, "{}"),
        ("aws_launch_template.core", Maker.template, "{}"),
        ("aws_instance.admin", Maker.instance, "{}"),
        ("aws_kms_key.data", Maker.key, "{}"),
        ("aws_efs_file_system.homes", Maker.file_system, "{}"),
        ("aws_efs_access_point.shared", Maker.access_point, "{}"),
        ("aws_s3_bucket.shared", Maker.bucket, "{}"),
        ("aws_backup_vault.main", Maker.vault, "{}"),
        ("aws_secretsmanager_secret.oauth", Maker.secret, "arn:aws:secretsmanager:us-east-2:123456789012:secret:{}"),
        ("aws_cloudwatch_log_group.flow", Maker.log_group, "{}"),
        ("aws_acm_certificate.hub", Maker.certificate, "arn:aws:acm:us-east-2:123456789012:certificate/{}"),
        ("aws_sqs_queue.interruption", Maker.queue, "https://sqs.us-east-2.amazonaws.com/123456789012/{}"),
        ("aws_iam_policy.x", Maker.policy, "arn:aws:iam::123456789012:policy/{}"),
    ],
)
def test_by_tag(address: str, make_it: Callable[[Maker], str], form: str, make: Maker, session: boto3.Session, config: HubConfig) -> None:
    id = make_it(make)
    assert adopted(session, config, document(**{address.replace(".", "__"): {}})) == {address: form.format(id)}


@pytest.mark.parametrize(("address", "make_it"), [("aws_iam_role.node", Maker.role), ("aws_iam_instance_profile.admin", Maker.profile)])
def test_iam_names_lose_their_path(
    address: str, make_it: Callable[[Maker], str], make: Maker, session: boto3.Session, config: HubConfig
) -> None:
    name = make_it(make).rpartition("/")[2]
    assert adopted(session, config, document(**{address.replace(".", "__"): {}})) == {address: name}


def test_nothing_is_asked_when_all_is_in_the_state(session: boto3.Session, config: HubConfig) -> None:
    asked: list[str] = []
    session.events.register("before-call", lambda model, **_: asked.append(model.name))
    plan = document(aws_vpc__main={}, aws_iam_role_policy__write={}, kubernetes_namespace__hub={})
    assert adopted(session, config, plan, ("aws_vpc.main",)) == {}
    assert asked == []


def test_only_the_services_that_are_needed_are_asked(make: Maker, session: boto3.Session, config: HubConfig) -> None:
    make.vpc()
    asked: list[str] = []
    session.events.register("before-call", lambda model, **_: asked.append(model.name))
    adopted(session, config, document(aws_vpc__main={}, aws_iam_role__node={}), ("aws_iam_role.node",))
    assert set(asked) == {"DescribeVpcs", "GetCallerIdentity"}


class Network:
    """A VPC whose untaggable parts exist when `whole`."""

    def __init__(self, make: Maker, *, whole: bool) -> None:
        self.make = make
        self.vpc = make.vpc()
        self.subnet = make.subnet(self.vpc)
        self.table = make.routes(self.vpc)
        self.gateway = make.gateway()
        self.file_system = make.file_system()
        self.pool = make.pool()
        self.key = make.key()
        self.expected: dict[str, str] = {}
        if whole:
            self._join()

    def _join(self) -> None:
        ec2 = self.make.client("ec2")
        association = ec2.associate_vpc_cidr_block(VpcId=self.vpc, CidrBlock="100.64.0.0/16")["CidrBlockAssociation"]["AssociationId"]
        ec2.attach_internet_gateway(VpcId=self.vpc, InternetGatewayId=self.gateway)
        ec2.create_route(RouteTableId=self.table, DestinationCidrBlock="0.0.0.0/0", GatewayId=self.gateway)
        ec2.associate_route_table(RouteTableId=self.table, SubnetId=self.subnet)
        efs = self.make.client("efs")
        target = efs.create_mount_target(FileSystemId=self.file_system, SubnetId=self.subnet)["MountTargetId"]
        self.make.client("kms").create_alias(AliasName="alias/lab/data", TargetKeyId=self.key)
        self.expected = {
            "aws_vpc_ipv4_cidr_block_association.pods": association,
            "aws_route.internet": f"{self.table}_0.0.0.0/0",
            "aws_route_table_association.a": f"{self.subnet}/{self.table}",
            "aws_efs_mount_target.a": target,
            "aws_kms_alias.data": "alias/lab/data",
        }

    def plan(self) -> dict[str, Any]:
        return document(
            aws_vpc__main={},
            aws_subnet__a={},
            aws_route_table__public={},
            aws_efs_file_system__homes={},
            aws_kms_key__data={},
            aws_vpc_ipv4_cidr_block_association__pods={"vpc_id": "${aws_vpc.main.id}", "cidr_block": "100.64.0.0/16"},
            aws_route__internet={"route_table_id": "${aws_route_table.public.id}", "destination_cidr_block": "0.0.0.0/0"},
            aws_route_table_association__a={"route_table_id": "${aws_route_table.public.id}", "subnet_id": "${aws_subnet.a.id}"},
            aws_efs_mount_target__a={"file_system_id": "${aws_efs_file_system.homes.id}", "subnet_id": "${aws_subnet.a.id}"},
            aws_kms_alias__data={"name": "alias/lab/data", "target_key_id": "${aws_kms_key.data.key_id}"},
        )


PARENTS = ("aws_vpc.main", "aws_subnet.a", "aws_route_table.public", "aws_efs_file_system.homes", "aws_kms_key.data")


@pytest.mark.parametrize("whole", [True, False])
def test_children_are_found_through_their_parents_or_not_at_all(
    whole: bool, make: Maker, session: boto3.Session, config: HubConfig
) -> None:
    network = Network(make, whole=whole)
    assert adopted(session, config, network.plan(), PARENTS) == network.expected


def test_children_of_parents_that_do_not_exist(session: boto3.Session, config: HubConfig, make: Maker) -> None:
    plan = Network(make, whole=True).plan()
    assert adopted(session, make_config(env="other"), plan) == {}


def cognito(make: Maker) -> dict[str, str]:
    client = make.client("cognito-idp")
    pool = make.pool()
    app = client.create_user_pool_client(UserPoolId=pool, ClientName="hub")["UserPoolClient"]["ClientId"]
    client.create_user_pool_domain(UserPoolId=pool, Domain="lab-login")
    client.create_group(UserPoolId=pool, GroupName="admins")
    return {
        "aws_cognito_user_pool_client.hub": f"{pool}/{app}",
        "aws_cognito_user_pool_domain.login": "lab-login",
        "aws_cognito_user_group.admins": f"{pool}/admins",
    }


@pytest.mark.parametrize("theirs", [False, True])
def test_cognito_children_belong_to_the_pool(theirs: bool, make: Maker, session: boto3.Session, config: HubConfig) -> None:
    expected = cognito(make)
    pool = expected["aws_cognito_user_group.admins"].split("/")[0]
    if theirs:
        pool = make.client("cognito-idp").create_user_pool(PoolName="theirs")["UserPool"]["Id"]
    plan = document(
        aws_cognito_user_pool_client__hub={"user_pool_id": pool, "name": "hub"},
        aws_cognito_user_pool_domain__login={"user_pool_id": pool, "domain": "lab-login"},
        aws_cognito_user_group__admins={"user_pool_id": pool, "name": "admins"},
    )
    assert adopted(session, config, plan) == ({} if theirs else expected)


def test_records(make: Maker, session: boto3.Session, config: HubConfig) -> None:
    route53 = make.client("route53")
    zone = route53.create_hosted_zone(Name="lab.test", CallerReference="x")["HostedZone"]["Id"].rpartition("/")[2]
    record = {"Name": "*.hub.lab.test", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"x"'}]}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]})
    body = {"zone_id": "${data.aws_route53_zone.zone.zone_id}", "name": "*.hub.lab.test", "type": "TXT"}
    plan = document(
        aws_route53_record__there=body,
        aws_route53_record__missing=body | {"name": "www.lab.test"},
        aws_route53_record__overwrites=body | {"allow_overwrite": True},
    )
    plan["data"] = {"aws_route53_zone": {"zone": {"name": "lab.test", "private_zone": False}}}
    assert adopted(session, config, plan) == {"aws_route53_record.there": f"{zone}_*.hub.lab.test_TXT"}


def test_values_of_another_stack_come_from_its_state(make: Maker, session: boto3.Session, s3: Any, config: HubConfig) -> None:
    network = Network(make, whole=True)
    s3.create_bucket(Bucket=config.state_bucket, CreateBucketConfiguration={"LocationConstraint": config.region})
    state = {"version": 4, "outputs": {"subnet": {"value": network.subnet}}}
    s3.put_object(Bucket=config.state_bucket, Key="lab/lab-network.tfstate", Body=json.dumps(state))
    plan = document(aws_efs_mount_target__a={"file_system_id": network.file_system})
    plan["resource"]["aws_efs_mount_target"]["a"]["subnet_id"] = "${data.terraform_remote_state.net.outputs.subnet}"
    plan["data"] = {"terraform_remote_state": {"net": {"config": {"key": "lab/lab-network.tfstate"}}}}
    assert set(adopted(session, config, plan)) == {"aws_efs_mount_target.a"}


def untagged_bucket(make: Maker) -> None:
    make.client("s3").create_bucket(Bucket="lab-shared", CreateBucketConfiguration={"LocationConstraint": make.region})


def untagged_group(make: Maker) -> None:
    make.client("logs").create_log_group(logGroupName="/aws/eks/lab/cluster")


def other_bucket(make: Maker) -> None:
    Maker(make._session, make_config(env="other")).bucket("lab-shared")


def other_group(make: Maker) -> None:
    Maker(make._session, make_config(env="other")).log_group("/aws/eks/lab/cluster")


def untagged_queue(make: Maker) -> None:
    make.client("sqs").create_queue(QueueName="lab-karpenter")


def other_parameter(make: Maker) -> None:
    Maker(make._session, make_config(env="other")).parameter()


def own_parameter(make: Maker) -> None:
    make.parameter()


def nothing(make: Maker) -> None:
    pass


BUCKET = ("aws_s3_bucket.shared", {"bucket": "lab-shared"})
GROUP = ("aws_cloudwatch_log_group.logs", {"name": "/aws/eks/lab/cluster"})
PARAMETER = ("aws_ssm_parameter.display", {"name": "/lab/dcv/display"})
QUEUE = ("aws_sqs_queue.interruption", {"name": "lab-karpenter"})


@pytest.mark.parametrize(
    ("resource", "before", "import_id"),
    [
        (BUCKET, untagged_bucket, "lab-shared"),
        (BUCKET, other_bucket, None),
        (BUCKET, nothing, None),
        (GROUP, untagged_group, "/aws/eks/lab/cluster"),
        (GROUP, other_group, None),
        (GROUP, nothing, None),
        (PARAMETER, own_parameter, "/lab/dcv/display"),
        (PARAMETER, other_parameter, None),
        (PARAMETER, nothing, None),
        (QUEUE, untagged_queue, None),
        (QUEUE, nothing, None),
        (("aws_secretsmanager_secret.x", {"name": "lab/oauth"}), nothing, None),
        (("aws_efs_file_system.x", {"creation_token": "x"}), nothing, None),
        (("aws_backup_vault.x", {"name": "lab"}), nothing, None),
    ],
)
def test_by_name_when_no_tag_tells(
    resource: tuple[str, dict[str, Any]],
    before: Callable[[Maker], None],
    import_id: str | None,
    make: Maker,
    session: boto3.Session,
    config: HubConfig,
) -> None:
    address, body = resource
    before(make)
    assert adopted(session, config, document(**{address.replace(".", "__"): body})) == ({address: import_id} if import_id else {})


def end_nat(make: Maker) -> str:
    make.client("ec2").delete_nat_gateway(NatGatewayId=make.nat())
    return "aws_nat_gateway.main"


def end_key(make: Maker) -> str:
    make.client("kms").schedule_key_deletion(KeyId=make.key(), PendingWindowInDays=7)
    return "aws_kms_key.data"


def end_instance(make: Maker) -> str:
    make.client("ec2").terminate_instances(InstanceIds=[make.instance()])
    return "aws_instance.admin"


@pytest.mark.parametrize("end", [end_nat, end_key, end_instance])
def test_the_dying_are_not_adopted(end: Callable[[Maker], str], make: Maker, session: boto3.Session, config: HubConfig) -> None:
    address = end(make)
    assert adopted(session, config, document(**{address.replace(".", "__"): {}})) == {}


def test_a_double_is_named_with_both_ids(make: Maker, session: boto3.Session, config: HubConfig) -> None:
    ids = make.vpc(), make.vpc()
    with pytest.raises(HubError, match=r"two things carry the address aws_vpc\.main") as caught:
        adopted(session, config, document(aws_vpc__main={}))
    assert all(id in caught.value.what for id in ids)
    assert "delete the one" in caught.value.fix


def test_a_thing_that_only_shares_a_tag_with_the_address_is_no_double(make: Maker, session: boto3.Session, config: HubConfig) -> None:
    template = make.template()
    tags = make.ec2_tags("instance", "aws_launch_template.core")
    make.client("ec2").run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, TagSpecifications=tags)
    assert adopted(session, config, document(aws_launch_template__core={})) == {"aws_launch_template.core": template}

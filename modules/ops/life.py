"""Whether a thing that AWS's tag index names is there, going, or gone.

The index is late: it still names deleted NAT gateways and terminated instances, and keys that only wait for their end.
So every kind this project creates has its own check here, against the service itself. A kind without one is taken at
the index's word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from modules.common.arn import Arn
from modules.ops.aws_clients import Clients, pages
from modules.ops.failures.aws import missing_is_fine


class Life(StrEnum):
    """live: it works. going: being deleted at this moment. scheduled: AWS deletes it on a date, nobody can use it."""

    LIVE = "live"
    GOING = "going"
    SCHEDULED = "scheduled"


@dataclass(frozen=True)
class Ec2Kind:
    """How EC2 lists one kind: the call, where its answer keeps ids and states, and which states mean what."""

    operation: str
    result: str
    id: str
    argument: str = "Filters"
    going: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()


_ENDPOINT_ENDS = frozenset({"deleted", "failed", "rejected", "expired"})
#: Kinds of EC2, by the resource type in the ARN. A failed NAT gateway counts as gone: it never works again, and AWS removes it by itself.
EC2: Mapping[str, Ec2Kind] = {
    "vpc": Ec2Kind("describe_vpcs", "Vpcs", "VpcId"),
    "subnet": Ec2Kind("describe_subnets", "Subnets", "SubnetId"),
    "internet-gateway": Ec2Kind("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    "elastic-ip": Ec2Kind("describe_addresses", "Addresses", "AllocationId"),
    "natgateway": Ec2Kind(
        "describe_nat_gateways", "NatGateways", "NatGatewayId", "Filter", frozenset({"deleting"}), frozenset({"deleted", "failed"})
    ),
    "route-table": Ec2Kind("describe_route_tables", "RouteTables", "RouteTableId"),
    "vpc-endpoint": Ec2Kind("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", going=frozenset({"deleting"}), gone=_ENDPOINT_ENDS),
    "security-group": Ec2Kind("describe_security_groups", "SecurityGroups", "GroupId"),
    "security-group-rule": Ec2Kind("describe_security_group_rules", "SecurityGroupRules", "SecurityGroupRuleId"),
    "vpc-flow-log": Ec2Kind("describe_flow_logs", "FlowLogs", "FlowLogId", "Filter"),
    "launch-template": Ec2Kind("describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"),
    "network-interface": Ec2Kind("describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
    "volume": Ec2Kind("describe_volumes", "Volumes", "VolumeId", going=frozenset({"deleting"}), gone=frozenset({"deleted"})),
    "snapshot": Ec2Kind("describe_snapshots", "Snapshots", "SnapshotId"),
    "instance": Ec2Kind(
        "describe_instances", "Reservations", "InstanceId", going=frozenset({"shutting-down"}), gone=frozenset({"terminated"})
    ),
}

_GOING = {"DELETING", "deleting", "delete_in_progress"}
_GONE = {"DELETED", "deleted"}


def ec2_tagged(ec2: Any, kind: str, key: str, value: str) -> Iterator[tuple[str, dict[str, str], Life]]:
    """(id, tags, life) of the things of one kind that carry a tag and are not gone. Raises ClientError when EC2 refuses."""
    row = EC2[kind]
    for item in pages(ec2, row.operation, row.result, **{row.argument: [{"Name": f"tag:{key}", "Values": [value]}]}):
        for thing in item["Instances"] if row.result == "Reservations" else [item]:
            state = thing.get("State", "")
            state = str(state["Name"] if isinstance(state, dict) else state).lower()
            if state not in row.gone:
                tags = {tag["Key"]: tag["Value"] for tag in thing.get("Tags", ())}
                yield thing[row.id], tags, Life.GOING if state in row.going else Life.LIVE


def _by_status(status: object) -> Life | None:
    if status in _GONE:
        return None
    return Life.GOING if status in _GOING else Life.LIVE


def _text(arn: Arn) -> str:
    return f"arn:{arn.partition}:{arn.service}:{arn.region}:{arn.account}:{arn.resource}"


def _kms_key(kms: Any, arn: Arn) -> Life | None:
    state = kms.describe_key(KeyId=arn.resource_id)["KeyMetadata"]["KeyState"]
    return Life.SCHEDULED if state in {"PendingDeletion", "PendingReplicaDeletion"} else Life.LIVE


def _file_system(efs: Any, arn: Arn) -> Life | None:
    return _by_status(efs.describe_file_systems(FileSystemId=arn.resource_id)["FileSystems"][0]["LifeCycleState"])


def _access_point(efs: Any, arn: Arn) -> Life | None:
    return _by_status(efs.describe_access_points(AccessPointId=arn.resource_id)["AccessPoints"][0]["LifeCycleState"])


def _bucket(s3: Any, arn: Arn) -> Life | None:
    s3.head_bucket(Bucket=arn.resource)
    return Life.LIVE


def _backup_vault(backup: Any, arn: Arn) -> Life | None:
    # AWS Backup answers "access denied" for a vault that is not there, so the list is what can be trusted.
    names = {vault["BackupVaultName"] for vault in pages(backup, "list_backup_vaults", "BackupVaultList")}
    return Life.LIVE if arn.resource_id in names else None


def _backup_plan(backup: Any, arn: Arn) -> Life | None:
    ids = {plan["BackupPlanId"] for plan in pages(backup, "list_backup_plans", "BackupPlansList")}
    return Life.LIVE if arn.resource_id in ids else None


def _user_pool(cognito: Any, arn: Arn) -> Life | None:
    cognito.describe_user_pool(UserPoolId=arn.resource_id)
    return Life.LIVE


def _secret(secrets: Any, arn: Arn) -> Life | None:
    answer = secrets.describe_secret(SecretId=_text(arn))
    return Life.SCHEDULED if answer.get("DeletedDate") else Life.LIVE


def _log_group(logs: Any, arn: Arn) -> Life | None:
    name = arn.resource_id.removesuffix(":*")
    names = {group["logGroupName"] for group in pages(logs, "describe_log_groups", "logGroups", logGroupNamePrefix=name)}
    return Life.LIVE if name in names else None


def _certificate(acm: Any, arn: Arn) -> Life | None:
    acm.describe_certificate(CertificateArn=_text(arn))
    return Life.LIVE


def _cluster(eks: Any, arn: Arn) -> Life | None:
    return _by_status(eks.describe_cluster(name=arn.resource_id)["cluster"]["status"])


def _node_group(eks: Any, arn: Arn) -> Life | None:
    cluster, name = arn.resource_id.split("/")[:2]
    return _by_status(eks.describe_nodegroup(clusterName=cluster, nodegroupName=name)["nodegroup"]["status"])


def _addon(eks: Any, arn: Arn) -> Life | None:
    cluster, name = arn.resource_id.split("/")[:2]
    return _by_status(eks.describe_addon(clusterName=cluster, addonName=name)["addon"]["status"])


def _access_entry(eks: Any, arn: Arn) -> Life | None:
    # The ARN names cluster and principal, but without the principal's path; the list is by full ARN.
    cluster, _, _, name = arn.resource_id.split("/")[:4]
    principals = pages(eks, "list_access_entries", "accessEntries", clusterName=cluster)
    return Life.LIVE if any(principal.rpartition("/")[2] == name for principal in principals) else None


def _queue(sqs: Any, arn: Arn) -> Life | None:
    sqs.get_queue_url(QueueName=arn.resource)
    return Life.LIVE


def _rule(events: Any, arn: Arn) -> Life | None:
    bus, _, name = arn.resource_id.rpartition("/")
    events.describe_rule(Name=name, EventBusName=bus or "default")
    return Life.LIVE


def _table(dynamodb: Any, arn: Arn) -> Life | None:
    return _by_status(dynamodb.describe_table(TableName=arn.resource_id)["Table"]["TableStatus"])


def _oidc_provider(iam: Any, arn: Arn) -> Life | None:
    iam.get_open_id_connect_provider(OpenIDConnectProviderArn=_text(arn))
    return Life.LIVE


def _role(iam: Any, arn: Arn) -> Life | None:
    iam.get_role(RoleName=arn.resource_id.rpartition("/")[2])
    return Life.LIVE


def _policy(iam: Any, arn: Arn) -> Life | None:
    iam.get_policy(PolicyArn=_text(arn))
    return Life.LIVE


def _instance_profile(iam: Any, arn: Arn) -> Life | None:
    iam.get_instance_profile(InstanceProfileName=arn.resource_id.rpartition("/")[2])
    return Life.LIVE


def _load_balancer(elb: Any, arn: Arn) -> Life | None:
    return Life.LIVE if elb.describe_load_balancers(LoadBalancerArns=[_text(arn)])["LoadBalancers"] else None


def _target_group(elb: Any, arn: Arn) -> Life | None:
    return Life.LIVE if elb.describe_target_groups(TargetGroupArns=[_text(arn)])["TargetGroups"] else None


def _parameter(ssm: Any, arn: Arn) -> Life | None:
    # The ARN of `/a/b` ends in `parameter/a/b`; names of ours all begin with a slash.
    ssm.get_parameter(Name=f"/{arn.resource_id}")
    return Life.LIVE


#: Kinds outside EC2: (boto3's name of the service, the check). A check answers None, or "not found", for gone.
CHECKS: Mapping[str, tuple[str, Callable[[Any, Arn], Life | None]]] = {
    "kms:key": ("kms", _kms_key),
    "elasticfilesystem:file-system": ("efs", _file_system),
    "elasticfilesystem:access-point": ("efs", _access_point),
    "s3:bucket": ("s3", _bucket),
    "backup:backup-vault": ("backup", _backup_vault),
    "backup:backup-plan": ("backup", _backup_plan),
    "cognito-idp:userpool": ("cognito-idp", _user_pool),
    "secretsmanager:secret": ("secretsmanager", _secret),
    "logs:log-group": ("logs", _log_group),
    "acm:certificate": ("acm", _certificate),
    "eks:cluster": ("eks", _cluster),
    "eks:nodegroup": ("eks", _node_group),
    "eks:addon": ("eks", _addon),
    "eks:access-entry": ("eks", _access_entry),
    "sqs:queue": ("sqs", _queue),
    "events:rule": ("events", _rule),
    "ssm:parameter": ("ssm", _parameter),
    "dynamodb:table": ("dynamodb", _table),
    "iam:oidc-provider": ("iam", _oidc_provider),
    "iam:role": ("iam", _role),
    "iam:policy": ("iam", _policy),
    "iam:instance-profile": ("iam", _instance_profile),
    "elasticloadbalancing:loadbalancer": ("elbv2", _load_balancer),
    "elasticloadbalancing:targetgroup": ("elbv2", _target_group),
}


def life(clients: Clients, kind: str, arn: Arn) -> Life | None:
    """The life of one thing outside EC2; None when it is gone. Raises ClientError when AWS refuses."""
    if kind not in CHECKS:
        return Life.LIVE
    service, check = CHECKS[kind]
    with missing_is_fine():
        return check(clients.get(service, arn.region), arn)
    return None

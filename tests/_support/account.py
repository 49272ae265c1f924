"""What an account holds, read with boto3 alone: the judge of `nothing is left`, independent of our own inventory."""

from __future__ import annotations

from typing import Any

import boto3


def contents(session: boto3.Session) -> set[str]:
    """`kind:name` of everything that costs money or stands in the way of the next install, beyond a new account's own."""
    found: set[str] = set()
    ec2: Any = session.client("ec2")
    found |= {f"vpc:{v['VpcId']}" for v in ec2.describe_vpcs()["Vpcs"] if not v["IsDefault"]}
    default = {v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"] if v["IsDefault"]}
    for kind, call, key, id_ in (
        ("subnet", ec2.describe_subnets, "Subnets", "SubnetId"),
        ("security-group", ec2.describe_security_groups, "SecurityGroups", "GroupId"),
        ("route-table", ec2.describe_route_tables, "RouteTables", "RouteTableId"),
        ("endpoint", ec2.describe_vpc_endpoints, "VpcEndpoints", "VpcEndpointId"),
    ):
        # A deleted endpoint stays in sight for a while.
        found |= {f"{kind}:{item[id_]}" for item in call()[key] if item.get("VpcId") not in default and item.get("State") != "deleted"}
    found |= {f"interface:{i['NetworkInterfaceId']}" for i in ec2.describe_network_interfaces()["NetworkInterfaces"]}
    found |= {f"nat:{n['NatGatewayId']}" for n in ec2.describe_nat_gateways()["NatGateways"] if n["State"] not in ("deleted", "deleting")}
    found |= {f"address:{a['AllocationId']}" for a in ec2.describe_addresses()["Addresses"]}
    found |= {f"template:{t['LaunchTemplateName']}" for t in ec2.describe_launch_templates()["LaunchTemplates"]}
    found |= {
        f"instance:{i['InstanceId']}"
        for reservation in ec2.describe_instances()["Reservations"]
        for i in reservation["Instances"]
        if i["State"]["Name"] != "terminated"
    }
    found |= {f"volume:{v['VolumeId']}" for v in ec2.describe_volumes()["Volumes"]}
    found |= {f"gateway:{g['InternetGatewayId']}" for g in ec2.describe_internet_gateways()["InternetGateways"] if _ours(g, default)}
    found |= {f"flow-log:{f['FlowLogId']}" for f in ec2.describe_flow_logs()["FlowLogs"]}
    return found | _platform(session) | _storage(session)


def _ours(gateway: dict[str, Any], default: set[str]) -> bool:
    return not any(attachment.get("VpcId") in default for attachment in gateway["Attachments"])


def _platform(session: boto3.Session) -> set[str]:
    found = {f"cluster:{name}" for name in session.client("eks").list_clusters()["clusters"]}
    iam: Any = session.client("iam")
    found |= {f"role:{r['RoleName']}" for r in iam.list_roles()["Roles"] if not r["Path"].startswith("/aws-service-role/")}
    found |= {f"policy:{p['PolicyName']}" for p in iam.list_policies(Scope="Local")["Policies"]}
    found |= {f"oidc:{p['Arn']}" for p in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]}
    found |= {f"profile:{p['InstanceProfileName']}" for p in iam.list_instance_profiles()["InstanceProfiles"]}
    found |= {f"queue:{url.rsplit('/', 1)[1]}" for url in session.client("sqs").list_queues().get("QueueUrls", [])}
    found |= {f"rule:{rule['Name']}" for rule in session.client("events").list_rules()["Rules"]}
    found |= {f"log-group:{g['logGroupName']}" for g in session.client("logs").describe_log_groups()["logGroups"]}
    found |= {f"certificate:{c['DomainName']}" for c in session.client("acm").list_certificates()["CertificateSummaryList"]}
    groups: Any = session.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    found |= {f"autoscaling:{g['AutoScalingGroupName']}" for g in groups}
    route53: Any = session.client("route53")
    for zone in route53.list_hosted_zones()["HostedZones"]:
        for record in route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]:
            if record["Type"] not in ("NS", "SOA"):
                found.add(f"record:{record['Name']}")
    return found


def _storage(session: boto3.Session) -> set[str]:
    found = {f"file-system:{f['FileSystemId']}" for f in session.client("efs").describe_file_systems()["FileSystems"]}
    found |= {f"bucket:{bucket['Name']}" for bucket in session.client("s3").list_buckets()["Buckets"]}
    found |= {f"table:{name}" for name in session.client("dynamodb").list_tables()["TableNames"]}
    found |= {f"user-pool:{p['Name']}" for p in session.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]}
    backup: Any = session.client("backup")
    found |= {f"vault:{v['BackupVaultName']}" for v in backup.list_backup_vaults()["BackupVaultList"]}
    found |= {f"backup-plan:{p['BackupPlanName']}" for p in backup.list_backup_plans()["BackupPlansList"]}
    found |= {f"secret:{s['Name']}" for s in session.client("secretsmanager").list_secrets()["SecretList"]}
    return found | _keys(session)


def _keys(session: boto3.Session) -> set[str]:
    """Customer keys that live, and their aliases. AWS's own keys go by an alias/aws/ name; moto calls them a customer's."""
    kms: Any = session.client("kms")
    aliases = kms.list_aliases()["Aliases"]
    of_aws = {alias.get("TargetKeyId") for alias in aliases if alias["AliasName"].startswith("alias/aws/")}
    found = {f"alias:{alias['AliasName']}" for alias in aliases if not alias["AliasName"].startswith("alias/aws/")}
    for key in kms.list_keys()["Keys"]:
        described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if key["KeyId"] not in of_aws and described["KeyState"] != "PendingDeletion" and described["KeyManager"] == "CUSTOMER":
            found.add(f"key:{key['KeyId']}")
    return found

"""What AWS asks for everything but instances: one dated row a thing, with the page that says so and how its price list names it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from modules.catalog.prices import REGION_FACTORS, Price

#: When the rows below were last compared. AWS's own pages could be read for EKS, EFS and KMS alone (as stored copies); the others
#: were held against tables that others took from them in 2026. `./hub cost <env> --refresh` asks AWS itself.
CHECKED = date(2026, 11, 21)
#: Hours that AWS's own calculator counts in a month (8760 / 12).
MONTH_HOURS = 730


@dataclass(frozen=True)
class Rate:
    """USD for one unit in us-east-1, before any free tier.

    everywhere: the same in every commercial region; else other regions differ by about the factor of their instances.
    service, usage: the price list's service code, and its usage type without the region's prefix.
    attributes: further attributes that tell the product from its neighbours in the price list.
    """

    usd: float
    unit: str
    source: str
    service: str
    usage: str
    everywhere: bool = False
    attributes: tuple[tuple[str, str], ...] = ()


_EKS, _VPC, _LOGS = (
    "https://aws.amazon.com/eks/pricing/",
    "https://aws.amazon.com/vpc/pricing/",
    "https://aws.amazon.com/cloudwatch/pricing/",
)
_EBS, _KMS = "https://aws.amazon.com/ebs/pricing/", "https://aws.amazon.com/kms/pricing/"

RATES: dict[str, Rate] = {
    "eks": Rate(0.10, "hour", _EKS, "AmazonEKS", "AmazonEKS-Hours:perCluster", everywhere=True),
    # In all, standard hours included; the price list has the two parts apart, so it is not asked for this row.
    "eks-extended": Rate(0.60, "hour", _EKS, "", "", everywhere=True),
    "nat": Rate(0.045, "hour", _VPC, "AmazonEC2", "NatGateway-Hours"),
    "nat-data": Rate(0.045, "GB", _VPC, "AmazonEC2", "NatGateway-Bytes"),
    "ipv4": Rate(0.005, "hour", _VPC, "AmazonVPC", "PublicIPv4:InUseAddress", everywhere=True),
    "endpoint": Rate(0.01, "hour", "https://aws.amazon.com/privatelink/pricing/", "AmazonVPC", "VpcEndpoint-Hours"),
    "nlb": Rate(
        0.0225,
        "hour",
        "https://aws.amazon.com/elasticloadbalancing/pricing/",
        "AWSELB",
        "LoadBalancerUsage",
        attributes=(("productFamily", "Load Balancer-Network"),),
    ),
    "gp3": Rate(0.08, "GiB-month", _EBS, "AmazonEC2", "EBS:VolumeUsage.gp3"),
    # Beyond what every volume has: 3,000 operations and 125 MiB a second.
    "gp3-iops": Rate(0.005, "IOPS-month", _EBS, "AmazonEC2", "EBS:VolumeP-IOPS.gp3"),
    # The price list has this one for a GiB a second; it is not asked.
    "gp3-throughput": Rate(0.04, "MiB/s-month", _EBS, "", ""),
    "efs": Rate(
        0.30,
        "GB-month",
        "https://aws.amazon.com/efs/pricing/",
        "AmazonEFS",
        "TimedStorage-ByteHrs",
        attributes=(("storageClass", "General Purpose"),),
    ),
    "efs-backup": Rate(0.05, "GB-month", "https://aws.amazon.com/backup/pricing/", "AWSBackup", "WarmStorage-ByteHrs-EFS"),
    "s3": Rate(
        0.023,
        "GB-month",
        "https://aws.amazon.com/s3/pricing/",
        "AmazonS3",
        "TimedStorage-ByteHrs",
        attributes=(("volumeType", "Standard"),),
    ),
    # The first year's: each of the first two yearly rotations adds another dollar.
    "kms-key": Rate(1.00, "key-month", _KMS, "awskms", "KMS-Keys", everywhere=True),
    "secret": Rate(
        0.40,
        "secret-month",
        "https://aws.amazon.com/secrets-manager/pricing/",
        "AWSSecretsManager",
        "AWSSecretsManager-Secrets",
        everywhere=True,
    ),
    # The first 10 TB of logs that AWS's services write, EKS and flow logs among them, and of our own: the same rate.
    "logs-in": Rate(0.50, "GB", _LOGS, "AmazonCloudWatch", "DataProcessing-Bytes"),
    "logs-kept": Rate(0.03, "GB-month", _LOGS, "AmazonCloudWatch", "TimedStorage-ByteHrs"),
    # Of no region, so the price list is not asked for it by one.
    "zone": Rate(0.50, "zone-month", "https://aws.amazon.com/route53/pricing/", "", "", everywhere=True),
}


#: Regions of the partitions with price lists of their own.
_NOT_COMMERCIAL = ("cn-", "us-gov-", "us-iso", "eusc-")


def rate(key: str, region: str) -> Price | None:
    """The price of one unit in a region; None where the catalog knows no such region. Raises KeyError for a row it has not."""
    row, factor = RATES[key], REGION_FACTORS.get(region)
    if row.everywhere and not region.startswith(_NOT_COMMERCIAL):
        return Price(row.usd, exact=True)
    if factor is None:
        return None
    return Price(row.usd * factor, exact=region == "us-east-1")

"""The quotas of an account that an env can run into: code, what AWS gives a new account, and where AWS says so.

Running instances are counted in vCPUs, by kind of instance (the letters before the first digit of the family) and by how they
are paid for. An account that is new has no vCPU for GPUs at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

#: When the rows below were last compared: codes against tables that others took from the Service Quotas API in 2026, defaults
#: against the pages named in each row.
CHECKED = date(2026, 11, 21)
Capacity = Literal["spot", "on-demand"]

_VPC = "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html"
_EIP = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html"
_EKS = "https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html"
_NLB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-limits.html"
_ON_DEMAND = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html"
_SPOT = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-limits.html"


@dataclass(frozen=True)
class Quota:
    """One quota of one region. service, code: as the Service Quotas API names it. default: of a new account. unit: what is counted."""

    service: str
    code: str
    default: int
    unit: str
    source: str


VPCS = Quota("vpc", "L-F678F1CE", 5, "VPCs", _VPC)
NATS = Quota("vpc", "L-FE5A380F", 5, "NAT gateways in a zone", _VPC)
ADDRESSES = Quota("ec2", "L-0263D0A3", 5, "Elastic IPs", _EIP)
BALANCERS = Quota("elasticloadbalancing", "L-69A177A2", 50, "network load balancers", _NLB)
CLUSTERS = Quota("eks", "L-1194D53C", 100, "EKS clusters", _EKS)
NODE_GROUPS = Quota("eks", "L-6D54EA21", 30, "node groups in a cluster", _EKS)

#: Kind of instance → its name in a sentence, the codes of both ways to pay, what a new account has.
_KINDS: dict[str, tuple[str, str, str, int]] = {
    "standard": ("standard", "L-1216C47A", "L-34B43A08", 5),
    "g": ("G and VT", "L-DB2E81BA", "L-3819A6DF", 0),
    "p": ("P", "L-417A185B", "L-7212CCBC", 0),
    "inf": ("Inf", "L-1945791B", "L-B5D1601B", 0),
    "trn": ("Trn", "L-2C3B7624", "L-6B0D517C", 0),
    "x": ("X", "L-7295265B", "L-E3A00192", 0),
    "f": ("F", "L-74FC7D96", "L-88CF9481", 0),
    "dl": ("DL", "L-6E869C2A", "L-85EED4F7", 0),
}
#: The letters of families that do not stand for themselves; `im` and `is` are storage families like `i`.
_LETTERS = {**dict.fromkeys(("a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"), "standard"), "vt": "g"}

VCPUS: dict[tuple[str, Capacity], Quota] = {
    **{
        (kind, "on-demand"): Quota("ec2", code, default, f"vCPUs of {label} on-demand instances", _ON_DEMAND)
        for kind, (label, code, _, default) in _KINDS.items()
    },
    **{
        (kind, "spot"): Quota("ec2", code, default, f"vCPUs of {label} spot instances", _SPOT)
        for kind, (label, _, code, default) in _KINDS.items()
    },
}
QUOTAS: tuple[Quota, ...] = (VPCS, NATS, ADDRESSES, BALANCERS, CLUSTERS, NODE_GROUPS, *VCPUS.values())


def vcpu_quota(instance_type: str, capacity: Capacity) -> Quota | None:
    """The quota that a running instance counts against; None for a kind that this table does not have (`u-6tb1`, `mac1`)."""
    match = re.match("[a-z]+", instance_type)
    letters = match.group() if match else ""
    return VCPUS.get((_LETTERS.get(letters, letters), capacity))

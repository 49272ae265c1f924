"""Cutting a VPC into subnets. All arithmetic on addresses happens here, never on Terraform tokens."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

#: Most availability zones the plan below has room for.
MAX_AZS = 6
#: A VPC CIDR may be /16 to /28, https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
VPC_PREFIXES = range(16, 29)
#: The plan cuts thirds of 32, and AWS takes subnets down to /28.
SMALLEST_VPC_PREFIX = 23
#: Addresses AWS reserves in every subnet.
RESERVED_PER_SUBNET = 5


@dataclass(frozen=True)
class SubnetPlan:
    """CIDRs per availability zone, in the order of the zones given."""

    public: tuple[str, ...]
    private: tuple[str, ...]
    data_plane: tuple[str, ...]


def plan_subnets(vpc: str, data_plane: str, zones: int) -> SubnetPlan:
    """Cut `vpc` into `zones` private eighths (for load balancers and endpoints) and public thirty-seconds taken from
    the last quarter, and the whole of `data_plane` (nodes and pods) into equal parts, one per zone.

    A /21 gives /24 private and /26 public subnets; 100.64.0.0/16 over two zones gives two /17.
    Raises ValueError for fewer than 1 or more than MAX_AZS zones.
    """
    if not 1 <= zones <= MAX_AZS:
        raise ValueError(f"{zones} availability zones; the subnet plan holds 1 to {MAX_AZS}")
    eighths = list(IPv4Network(vpc).subnets(prefixlen_diff=3))
    thirty_seconds = list(IPv4Network(vpc).subnets(prefixlen_diff=5))
    parts = list(IPv4Network(data_plane).subnets(prefixlen_diff=(zones - 1).bit_length()))
    return SubnetPlan(
        public=tuple(str(net) for net in thirty_seconds[24 : 24 + zones]),
        private=tuple(str(net) for net in eighths[:zones]),
        data_plane=tuple(str(net) for net in parts[:zones]),
    )


def usable_addresses(cidr: str) -> int:
    """How many network interfaces fit into a subnet of this size."""
    return max(IPv4Network(cidr).num_addresses - RESERVED_PER_SUBNET, 0)


def overlaps(one: str, other: str) -> bool:
    """Whether two CIDRs share an address."""
    return IPv4Network(one).overlaps(IPv4Network(other))

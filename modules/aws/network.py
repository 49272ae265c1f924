"""The VPC: public subnets for load balancers, private ones for endpoints, a data plane on 100.64 for nodes and pods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modules.cdk import Stack, aws
from modules.common.cidr import SubnetPlan

EVERYWHERE = "0.0.0.0/0"
#: Karpenter finds the subnets of its nodes by this tag.
DISCOVERY_TAG = "karpenter.sh/discovery"


@dataclass(frozen=True)
class NetworkRef:
    """What other stacks need of a network, ours or somebody else's. Subnets: zone → id."""

    vpc_id: str
    public: Mapping[str, str]
    private: Mapping[str, str]
    data_plane: Mapping[str, str]


@dataclass(frozen=True)
class NetworkProps:
    """zones: zone key (a letter, stable in addresses) → full zone name, in the order of the plan's CIDRs."""

    name: str
    cidr: str
    data_plane_cidr: str
    plan: SubnetPlan
    zones: Mapping[str, str]
    nat_per_zone: bool


class Network:
    """VPC, subnets, internet and NAT gateways, routes; the default security group holds no rule."""

    def __init__(self, stack: Stack, props: NetworkProps) -> None:
        self._stack, self._props = stack, props
        self.vpc = aws.vpc.Vpc(
            stack, "main", cidr_block=props.cidr, enable_dns_support=True, enable_dns_hostnames=True, tags={"Name": props.name}
        )
        second = aws.vpc_ipv4_cidr_block_association.VpcIpv4CidrBlockAssociation(
            stack, "data-plane-cidr", vpc_id=self.vpc.id, cidr_block=props.data_plane_cidr
        )
        aws.default_security_group.DefaultSecurityGroup(stack, "default-closed", vpc_id=self.vpc.id)
        self.public = self._subnets("public", props.plan.public, {"kubernetes.io/role/elb": "1"})
        self.private = self._subnets("private", props.plan.private, {"kubernetes.io/role/internal-elb": "1"})
        # Only these carry Karpenter's tag: a node in a /24 private subnet would eat the load balancers' addresses.
        self.data_plane = self._subnets("data-plane", props.plan.data_plane, {DISCOVERY_TAG: props.name}, depends_on=[second])
        self.route_tables: list[Any] = []
        self._routes()

    @property
    def ref(self) -> NetworkRef:
        """Ids for other stacks."""
        ids = [{zone: subnet.id for zone, subnet in tier.items()} for tier in (self.public, self.private, self.data_plane)]
        return NetworkRef(self.vpc.id, *ids)

    def _subnets(self, tier: str, cidrs: tuple[str, ...], tags: dict[str, str], depends_on: list[Any] | None = None) -> dict[str, Any]:
        return {
            key: aws.subnet.Subnet(
                self._stack,
                f"{tier}-{key}",
                vpc_id=self.vpc.id,
                cidr_block=block,
                availability_zone=zone,
                map_public_ip_on_launch=False,
                depends_on=depends_on,
                tags={"Name": f"{self._props.name}-{tier}-{key}", **tags},
            )
            for (key, zone), block in zip(self._props.zones.items(), cidrs, strict=True)
        }

    def _routes(self) -> None:
        stack, name = self._stack, self._props.name
        gateway = aws.internet_gateway.InternetGateway(stack, "internet", vpc_id=self.vpc.id, tags={"Name": name})
        out = self._table("public")
        aws.route.Route(stack, "public-internet", route_table_id=out.id, destination_cidr_block=EVERYWHERE, gateway_id=gateway.id)
        for key, subnet in self.public.items():
            self._associate(f"public-{key}", subnet, out)
        nats = {key: self._nat(key, gateway) for key in self._nat_zones()}
        shared = next(iter(nats.values()))
        for key in self._props.zones:
            inside = self._table(f"private-{key}")
            nat = nats.get(key, shared)
            aws.route.Route(stack, f"private-{key}-nat", route_table_id=inside.id, destination_cidr_block=EVERYWHERE, nat_gateway_id=nat.id)
            self._associate(f"private-{key}", self.private[key], inside)
            self._associate(f"data-plane-{key}", self.data_plane[key], inside)

    def _nat_zones(self) -> list[str]:
        zones = list(self._props.zones)
        return zones if self._props.nat_per_zone else zones[:1]

    def _nat(self, key: str, gateway: Any) -> Any:
        label = {"Name": f"{self._props.name}-nat-{key}"}
        address = aws.eip.Eip(self._stack, f"nat-{key}-address", domain="vpc", tags=label, depends_on=[gateway])
        return aws.nat_gateway.NatGateway(
            self._stack, f"nat-{key}", subnet_id=self.public[key].id, allocation_id=address.id, tags=label, depends_on=[gateway]
        )

    def _table(self, id: str) -> Any:
        table = aws.route_table.RouteTable(self._stack, f"routes-{id}", vpc_id=self.vpc.id, tags={"Name": f"{self._props.name}-{id}"})
        self.route_tables.append(table)
        return table

    def _associate(self, id: str, subnet: Any, table: Any) -> None:
        aws.route_table_association.RouteTableAssociation(self._stack, f"routes-{id}-subnet", subnet_id=subnet.id, route_table_id=table.id)

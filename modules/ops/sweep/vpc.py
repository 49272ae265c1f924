"""The network itself, where a killed run left parts that carry our tag and that no state knows.

Nothing here is looked at unless the caller says what the states hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from modules.ops.aws_clients import Clients
from modules.ops.sweep.ec2 import lost, state_of
from modules.ops.sweep.model import Sweepable
from modules.ops.sweep.scope import Scope

_GONE = frozenset({"deleted", "failed", "rejected", "expired"})


def gateway_of(vpc: str) -> str:
    """A name for the way out of a VPC, which whatever has a public address in it holds."""
    return f"the gateway of {vpc}" if vpc else ""


def nat_gateways(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """NAT gateways; their address and subnet go after them."""
    ec2 = clients.get("ec2")
    for item in lost(ec2, scope, "describe_nat_gateways", "NatGateways", "NatGatewayId", argument="Filter"):
        if state_of(item) not in _GONE:
            id, vpc = item["NatGatewayId"], item.get("VpcId", "")
            addresses = {address.get("AllocationId", "") for address in item.get("NatGatewayAddresses", ())}
            holds = frozenset({*addresses, item.get("SubnetId", ""), gateway_of(vpc), vpc})
            yield Sweepable("NAT gateway", id, partial(ec2.delete_nat_gateway, NatGatewayId=id), holds=holds)


def addresses(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Elastic IPs."""
    ec2 = clients.get("ec2")
    for item in lost(ec2, scope, "describe_addresses", "Addresses", "AllocationId"):
        id = item["AllocationId"]
        needs = frozenset({item.get("NetworkInterfaceId") or id, item.get("InstanceId") or id} - {id})
        yield Sweepable("elastic IP", id, partial(ec2.release_address, AllocationId=id), needs=needs)


def endpoints(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """VPC endpoints; an interface endpoint holds its subnets and groups."""
    ec2 = clients.get("ec2")
    for item in lost(ec2, scope, "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"):
        if state_of(item) not in _GONE:
            id = item["VpcEndpointId"]
            groups = {group["GroupId"] for group in item.get("Groups", ())}
            holds = frozenset({*item.get("SubnetIds", ()), *item.get("RouteTableIds", ()), *groups, item.get("VpcId", "")})
            yield Sweepable("VPC endpoint", id, partial(_remove_endpoint, ec2, id), holds=holds)


def _remove_endpoint(ec2: Any, id: str) -> None:
    """Delete it; the call reports its refusals in the answer instead of failing."""
    from botocore.exceptions import ClientError

    for failed in ec2.delete_vpc_endpoints(VpcEndpointIds=[id]).get("Unsuccessful", ()):
        raise ClientError({"Error": failed["Error"]}, "DeleteVpcEndpoints")


def flow_logs(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Flow logs; they write their log group anew for as long as they are there."""
    ec2 = clients.get("ec2")
    for item in lost(ec2, scope, "describe_flow_logs", "FlowLogs", "FlowLogId", argument="Filter"):
        id = item["FlowLogId"]
        holds = frozenset({item.get("LogGroupName", ""), item.get("DeliverLogsPermissionArn", "")} - {""})
        yield Sweepable("flow log", id, partial(ec2.delete_flow_logs, FlowLogIds=[id]), holds=holds)


def subnets(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Subnets; AWS refuses while an interface lies in one."""
    from modules.ops.sweep.interfaces import users_of

    ec2 = clients.get("ec2")
    for item in lost(ec2, scope, "describe_subnets", "Subnets", "SubnetId"):
        id = item["SubnetId"]
        users = partial(users_of, ec2, "subnet-id", id)
        yield Sweepable("subnet", id, partial(ec2.delete_subnet, SubnetId=id), holds=frozenset({item["VpcId"]}), users=users)


def route_tables(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Route tables but the VPC's main one, which goes with it."""
    ec2 = clients.get("ec2")
    for item in lost(ec2, scope, "describe_route_tables", "RouteTables", "RouteTableId"):
        bound = item.get("Associations", ())
        if not any(each.get("Main") for each in bound):
            id = item["RouteTableId"]
            needs = frozenset(each["SubnetId"] for each in bound if each.get("SubnetId"))
            remove = partial(_remove_table, ec2, id, [each["RouteTableAssociationId"] for each in bound])
            yield Sweepable("route table", id, remove, needs=needs, holds=frozenset({item["VpcId"]}))


def _remove_table(ec2: Any, id: str, bound: list[str]) -> None:
    for association in bound:
        ec2.disassociate_route_table(AssociationId=association)
    ec2.delete_route_table(RouteTableId=id)


def gateways(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Internet gateways; one can only be detached when nothing in the VPC has a public address."""
    ec2 = clients.get("ec2")
    for item in lost(ec2, scope, "describe_internet_gateways", "InternetGateways", "InternetGatewayId"):
        id, vpcs = item["InternetGatewayId"], [each["VpcId"] for each in item.get("Attachments", ())]
        remove = partial(_remove_gateway, ec2, id, vpcs)
        yield Sweepable("internet gateway", id, remove, names=frozenset(map(gateway_of, vpcs)), holds=frozenset(vpcs))


def _remove_gateway(ec2: Any, id: str, vpcs: list[str]) -> None:
    for vpc in vpcs:
        ec2.detach_internet_gateway(InternetGatewayId=id, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=id)


def vpcs(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """The VPC, when all in it is gone."""
    from modules.ops.sweep.interfaces import users_of

    ec2 = clients.get("ec2")
    for item in lost(ec2, scope, "describe_vpcs", "Vpcs", "VpcId"):
        id = item["VpcId"]
        yield Sweepable("VPC", id, partial(ec2.delete_vpc, VpcId=id), users=partial(users_of, ec2, "vpc-id", id))

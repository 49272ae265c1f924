"""Adopting what EC2 holds: the VPC and everything in it."""

from __future__ import annotations

from typing import Any

from modules.ops.adopt.model import Body, Family, Finder, Tagged, World
from modules.ops.aws_clients import pages

#: The destination of a route, by the argument of aws_route that names it and EC2's word for it.
_DESTINATIONS = {
    "destination_cidr_block": "DestinationCidrBlock",
    "destination_ipv6_cidr_block": "DestinationIpv6CidrBlock",
    "destination_prefix_list_id": "DestinationPrefixListId",
}


def _cidr_association(world: World, body: Body) -> str | None:
    vpc, cidr = body.text("vpc_id"), body.text("cidr_block")
    for found in _filtered(world, "describe_vpcs", "Vpcs", "vpc-id", vpc):
        for association in found.get("CidrBlockAssociationSet", ()):
            if association["CidrBlock"] == cidr and association["CidrBlockState"]["State"] in {"associated", "associating"}:
                return str(association["AssociationId"])
    return None


def _route(world: World, body: Body) -> str | None:
    table = body.text("route_table_id")
    argument = next((name for name in _DESTINATIONS if body.plain(name)), None)
    if argument is None:
        return None
    destination = body.text(argument)
    for found in _filtered(world, "describe_route_tables", "RouteTables", "route-table-id", table):
        # Routes that EC2 made itself (the local one, those of gateway endpoints) are not aws_route's.
        if any(route.get(_DESTINATIONS[argument]) == destination for route in found["Routes"] if route.get("Origin") == "CreateRoute"):
            return f"{table}_{destination}"
    return None


def _route_association(world: World, body: Body) -> str | None:
    table = body.text("route_table_id")
    subject, key = (body.text("subnet_id"), "SubnetId") if body.plain("subnet_id") else (body.text("gateway_id"), "GatewayId")
    for found in _filtered(world, "describe_route_tables", "RouteTables", "route-table-id", table):
        if any(association.get(key) == subject for association in found.get("Associations", ())):
            return f"{subject}/{table}"
    return None


def _filtered(world: World, operation: str, result: str, name: str, value: str) -> list[dict[str, Any]]:
    return list(pages(world.clients.get("ec2"), operation, result, Filters=[{"Name": name, "Values": [value]}]))


_BY_PARENT: dict[str, Finder] = {
    "aws_vpc_ipv4_cidr_block_association": _cidr_association,
    "aws_route": _route,
    "aws_route_table_association": _route_association,
}

FAMILY = Family(
    tagged={
        "aws_vpc": Tagged("ec2:vpc"),
        "aws_subnet": Tagged("ec2:subnet"),
        "aws_internet_gateway": Tagged("ec2:internet-gateway"),
        "aws_eip": Tagged("ec2:elastic-ip"),
        "aws_nat_gateway": Tagged("ec2:natgateway"),
        "aws_route_table": Tagged("ec2:route-table"),
        "aws_vpc_endpoint": Tagged("ec2:vpc-endpoint"),
        "aws_security_group": Tagged("ec2:security-group"),
        "aws_vpc_security_group_ingress_rule": Tagged("ec2:security-group-rule"),
        "aws_vpc_security_group_egress_rule": Tagged("ec2:security-group-rule"),
        "aws_flow_log": Tagged("ec2:vpc-flow-log"),
        "aws_launch_template": Tagged("ec2:launch-template"),
        "aws_instance": Tagged("ec2:instance"),
    },
    by_parent=_BY_PARENT,
    put_again={
        "aws_default_security_group": "creation takes over the group the VPC came with",
        "aws_autoscaling_group_tag": "CreateOrUpdateTags",
    },
)

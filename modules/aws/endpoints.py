"""VPC endpoints: traffic to AWS services that need not pay for the NAT gateway."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from modules.cdk import Stack, aws
from modules.common.names import digest


def _key(service: str) -> str:
    """A Terraform id for a service name: `ecr.api` holds a dot, which an id may not."""
    return service.replace(".", "-")


class Endpoints:
    """Gateway endpoints in every route table; interface endpoints in the private subnets, open to the VPC on 443."""

    def __init__(
        self,
        stack: Stack,
        *,
        name: str,
        region: str,
        vpc_id: str,
        cidrs: Iterable[str],
        gateway: Iterable[str],
        interface: Iterable[str],
        route_tables: Iterable[Any],
        subnet_ids: Iterable[str],
    ) -> None:
        for service in gateway:
            aws.vpc_endpoint.VpcEndpoint(
                stack,
                f"endpoint-{_key(service)}",
                vpc_id=vpc_id,
                service_name=f"com.amazonaws.{region}.{service}",
                vpc_endpoint_type="Gateway",
                route_table_ids=[table.id for table in route_tables],
                tags={"Name": f"{name}-{service}"},
            )
        wanted = list(interface)
        if not wanted:
            return
        group = self._security_group(stack, name, vpc_id, cidrs)
        for service in wanted:
            aws.vpc_endpoint.VpcEndpoint(
                stack,
                f"endpoint-{_key(service)}",
                vpc_id=vpc_id,
                service_name=f"com.amazonaws.{region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=list(subnet_ids),
                security_group_ids=[group.id],
                tags={"Name": f"{name}-{service}"},
            )

    def _security_group(self, stack: Stack, name: str, vpc_id: str, cidrs: Iterable[str]) -> Any:
        group = aws.security_group.SecurityGroup(
            stack,
            "endpoints",
            name=f"{name}-endpoints",
            description="HTTPS from inside the VPC to interface endpoints",
            vpc_id=vpc_id,
            tags={"Name": f"{name}-endpoints"},
        )
        for cidr in cidrs:
            aws.vpc_security_group_ingress_rule.VpcSecurityGroupIngressRule(
                stack,
                f"endpoints-https-{digest(cidr)}",
                security_group_id=group.id,
                cidr_ipv4=cidr,
                description=f"HTTPS from {cidr}",
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
            )
        return group

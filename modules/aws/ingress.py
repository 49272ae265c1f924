"""Ports of nodes that named networks may reach."""

from __future__ import annotations

from collections.abc import Sequence

from modules.cdk import Stack, aws


def open_port(
    stack: Stack, id: str, *, security_group_id: str, port: int, cidrs: Sequence[str], description: str, last: int | None = None
) -> None:
    """One rule for each of `cidrs` and each of TCP and UDP, and nothing else. last: of a range that begins with `port`."""
    for protocol in ("tcp", "udp"):
        for cidr in cidrs:
            aws.vpc_security_group_ingress_rule.VpcSecurityGroupIngressRule(
                stack,
                # By the range itself, so that the order of the list means nothing.
                f"{id}-{protocol}-{cidr.replace('.', '-').replace('/', '-')}",
                security_group_id=security_group_id,
                ip_protocol=protocol,
                from_port=port,
                to_port=last or port,
                cidr_ipv4=cidr,
                description=description,
            )

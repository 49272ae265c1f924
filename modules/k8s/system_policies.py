"""Policies of kube-system: in strict mode nothing there may talk before they exist, CoreDNS not even to the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from modules.cdk import Stack
from modules.k8s.network import outside, pods, ports, rule
from modules.k8s.policies import DNS_LABELS, DNS_PORTS, Policies

NAMESPACE = "kube-system"
#: Where the API server calls into pods: admission of the load balancer controller, and the metrics API.
_CALLED_BY_API = {"load-balancer-webhook": 9443, "metrics-api": 10250}


def system_policies(stack: Stack, *, ranges: Sequence[str]) -> list[Any]:
    """The namespace's policies; gives the resources. ranges: CIDRs in which the API server's own network interfaces are."""
    policies = Policies(stack, "system", namespace=NAMESPACE)
    policies.deny_all()
    # Controllers call AWS, the API server and registries; the node's own credentials are none of their business.
    policies.allow("controllers", None, egress=[rule([outside(), pods(namespace="*")])])
    policies.allow("dns", DNS_LABELS, ingress=[rule([pods(namespace="*")], DNS_PORTS)])
    for name, port in _CALLED_BY_API.items():
        policies.allow(name, None, ingress=[rule([outside(cidr) for cidr in ranges], ports(port))])
    return policies.resources

"""Shapes of network policies. Every address range a pod may reach is made by `outside`, so that none forgets the metadata service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

#: Instance metadata, and the addresses that hand credentials to containers (ECS, EKS Pod Identity).
METADATA = ("169.254.169.254/32", "169.254.170.0/24")
ANYWHERE = "0.0.0.0/0"
#: RFC 1918, and RFC 6598 where our pods' addresses are.
PRIVATE = ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")
DNS_PORT = 53


def outside(cidr: str = ANYWHERE) -> dict[str, Any]:
    """A peer: every address of `cidr` but those that hand out the node's credentials."""
    # Kubernetes refuses an exception that lies outside its range, so a narrow range carries none and needs none.
    return {"ipBlock": {"cidr": cidr, "except": list(METADATA)}} if cidr == ANYWHERE else {"ipBlock": {"cidr": cidr}}


def internet() -> dict[str, Any]:
    """A peer: every public address. For users' code, which is to find nothing of the cluster or the VPC but what is named."""
    return {"ipBlock": {"cidr": ANYWHERE, "except": [*METADATA, *PRIVATE]}}


def metadata() -> dict[str, Any]:
    """A peer: the instance metadata service. For the desktops alone, whose server proves by it that it runs on EC2."""
    return {"ipBlock": {"cidr": METADATA[0]}}


def ports(*numbers: int, protocol: str = "TCP") -> list[dict[str, Any]]:
    """Ports of one protocol."""
    return [{"port": number, "protocol": protocol} for number in numbers]


def pods(labels: dict[str, str] | None = None, *, namespace: str | None = None) -> dict[str, Any]:
    """A peer: pods with these labels (None: all pods), of the policy's own namespace unless one is named (`*`: of any)."""
    peer: dict[str, Any] = {"podSelector": {"matchLabels": dict(labels)} if labels else {}}
    if namespace == "*":
        peer["namespaceSelector"] = {}
    elif namespace is not None:
        peer["namespaceSelector"] = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    return peer


def rule(peers: Sequence[dict[str, Any]], on: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """One allowance, without its direction: these peers, on these ports (none: all)."""
    return {"peers": list(peers), "ports": list(on)}

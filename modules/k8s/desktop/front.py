"""The way in: one port of the node for both protocols, or a network load balancer.

QUIC (UDP) carries the picture only after the web socket (TCP) has let its user in, so both must reach the same server:
traffic never leaves the node it arrived on, and the load balancer keeps a client at its target.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modules.cdk import Stack, kubernetes
from modules.common import desktops as refs

_AWS = "service.beta.kubernetes.io/aws-load-balancer"


@dataclass(frozen=True)
class DesktopFrontProps:
    """node_port: None for a load balancer. scheme: of that, internet-facing or internal. cidrs: who may connect to it.
    tags: put on it."""

    node_port: int | None
    scheme: str
    cidrs: Sequence[str]
    tags: Mapping[str, str]


class DesktopFront:
    """Service `dcv-svc`; `address` is the load balancer's host name, None for a node port."""

    def __init__(self, stack: Stack, props: DesktopFrontProps, *, namespace: str) -> None:
        ns = kubernetes.service_v1
        balanced = props.node_port is None
        self.resource: Any = ns.ServiceV1(
            stack,
            "front",
            metadata=ns.ServiceV1Metadata(
                name=refs.SERVICE,
                namespace=namespace,
                labels=dict(refs.LABELS),
                annotations=_annotations(props) if balanced else None,
            ),
            spec=ns.ServiceV1Spec(
                selector=dict(refs.LABELS),
                port=[_port("dcv-tcp", "TCP", props.node_port), _port("dcv-udp", "UDP", props.node_port)],
                **(_balanced(props) if balanced else {"type": "NodePort", "external_traffic_policy": "Local"}),
            ),
            wait_for_load_balancer=True if balanced else None,
            timeouts=ns.ServiceV1Timeouts(create="15m") if balanced else None,
        )
        self.address: str | None = f"${{{self.resource.fqn}.status[0].load_balancer[0].ingress[0].hostname}}" if balanced else None


def _port(name: str, protocol: str, node_port: int | None) -> Any:
    return kubernetes.service_v1.ServiceV1SpecPort(
        name=name, port=refs.PORT, target_port=str(refs.PORT), protocol=protocol, node_port=node_port
    )


def _balanced(props: DesktopFrontProps) -> dict[str, Any]:
    return {
        "type": "LoadBalancer",
        "load_balancer_class": "service.k8s.aws/nlb",
        "allocate_load_balancer_node_ports": False,
        "load_balancer_source_ranges": list(props.cidrs),
    }


def _annotations(props: DesktopFrontProps) -> dict[str, str]:
    found = {
        f"{_AWS}-scheme": props.scheme,
        f"{_AWS}-nlb-target-type": "ip",
        # Without it the controller makes one listener for port 8443, of one of the two protocols; since its 2.14,
        # https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/
        f"{_AWS}-enable-tcp-udp-listener": "true",
        f"{_AWS}-target-group-attributes": "stickiness.enabled=true,stickiness.type=source_ip,preserve_client_ip.enabled=true",
        # UDP cannot be asked how it is; the web port can.
        f"{_AWS}-healthcheck-protocol": "TCP",
        f"{_AWS}-healthcheck-port": str(refs.PORT),
    }
    if props.tags:
        found[f"{_AWS}-additional-resource-tags"] = ",".join(f"{key}={value}" for key, value in sorted(props.tags.items()))
    return found

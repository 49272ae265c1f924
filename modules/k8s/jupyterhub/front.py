"""The hub's address: a load balancer that ends TLS, and the name external-dns gives it.

The Service is ours and not the chart's: Terraform then removes it before the release and waits until it is gone, which is
when the load balancer controller has taken its load balancer down. The seeds left them behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modules.cdk import Stack, kubernetes
from modules.k8s.jupyterhub import refs

#: The chart's proxy answers here.
_PROXY_PORT = 8000
_AWS = "service.beta.kubernetes.io/aws-load-balancer"
#: TLS 1.2 and 1.3 only, https://docs.aws.amazon.com/elasticloadbalancing/latest/network/describe-ssl-policies.html
_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
#: Kernels and terminals are quiet for long; the load balancer's own 350 s cut them off.
_IDLE_SECONDS = 3600


@dataclass(frozen=True)
class FrontProps:
    """domain, certificate_arn: None for plain http, which only an env without a domain has. scheme: internet-facing or
    internal. cidrs: who may connect, empty for everybody. tags: put on the load balancer."""

    domain: str | None
    certificate_arn: str | None
    scheme: str
    cidrs: Sequence[str]
    tags: Mapping[str, str]


class Front:
    """The public Service; `address` is the load balancer's own host name."""

    def __init__(self, stack: Stack, props: FrontProps, *, namespace: str, depends_on: Sequence[Any]) -> None:
        ns = kubernetes.service_v1
        secure = props.certificate_arn is not None
        self.resource = ns.ServiceV1(
            stack,
            "public",
            metadata=ns.ServiceV1Metadata(name="hub-public", namespace=namespace, annotations=_annotations(props)),
            spec=ns.ServiceV1Spec(
                type="LoadBalancer",
                load_balancer_class="service.k8s.aws/nlb",
                # Targets are pods' own addresses, so a port on every node would only be one more open door.
                allocate_load_balancer_node_ports=False,
                load_balancer_source_ranges=list(props.cidrs) or None,
                selector={"app": "jupyterhub", "component": "proxy", "release": refs.RELEASE},
                port=[
                    ns.ServiceV1SpecPort(
                        name="https" if secure else "http", port=443 if secure else 80, target_port=str(_PROXY_PORT), protocol="TCP"
                    )
                ],
            ),
            wait_for_load_balancer=True,
            timeouts=ns.ServiceV1Timeouts(create="15m"),
            depends_on=list(depends_on),
        )
        self.address: str = f"${{{self.resource.fqn}.status[0].load_balancer[0].ingress[0].hostname}}"


def _annotations(props: FrontProps) -> dict[str, str]:
    found = {
        f"{_AWS}-scheme": props.scheme,
        f"{_AWS}-nlb-target-type": "ip",
        f"{_AWS}-attributes": "load_balancing.cross_zone.enabled=true",
    }
    if props.tags:
        found[f"{_AWS}-additional-resource-tags"] = ",".join(f"{key}={value}" for key, value in sorted(props.tags.items()))
    if props.certificate_arn is not None:
        found |= {
            f"{_AWS}-ssl-cert": props.certificate_arn,
            f"{_AWS}-ssl-ports": "443",
            f"{_AWS}-ssl-negotiation-policy": _TLS_POLICY,
            f"{_AWS}-backend-protocol": "tcp",
            f"{_AWS}-listener-attributes.TLS-443": f"tcp.idle_timeout.seconds={_IDLE_SECONDS}",
        }
    else:
        found[f"{_AWS}-listener-attributes.TCP-80"] = f"tcp.idle_timeout.seconds={_IDLE_SECONDS}"
    if props.domain is not None:
        # external-dns keeps the record; it follows when the Service, and with it the load balancer, is made anew.
        found["external-dns.alpha.kubernetes.io/hostname"] = props.domain
    return found

"""Who talks to whom: the launcher and the hub's pods; processes, those beside them, notebooks, and the internet."""

from __future__ import annotations

from typing import Any

from modules.cdk import Stack
from modules.common import launcher as refs
from modules.config.extras import Launcher
from modules.config.models import HubConfig
from modules.k8s.launcher.doors import HUB_PORT, callers, hub_pods
from modules.k8s.network import internet, outside, pods, ports, rule
from modules.k8s.policies import Policies


def server_policies(stack: Stack, config: HubConfig, *, namespace: str) -> list[Any]:
    """Those of the launcher's own namespace; gives the resources."""
    made = Policies(stack, "policy", namespace=namespace)
    made.deny_all()
    made.resolve_names()
    made.allow(
        "server",
        refs.LABELS,
        ingress=[rule(callers(config.hub.namespace), ports(refs.PORT))],
        # The API server, STS and Secrets Manager may all have private addresses.
        egress=[rule([outside()], ports(443)), rule([hub_pods("hub", config.hub.namespace)], ports(HUB_PORT))],
    )
    return made.resources


def process_policies(stack: Stack, config: HubConfig, settings: Launcher, name: str, *, namespace: str) -> list[Any]:
    """Those of one namespace of processes; gives the resources. namespace: a reference to it.

    Processes reach one another at any port, whoever started them: a policy cannot say "of the same group". Neither metadata nor anything
    else private is in reach: not the API server, not the hub, not the launcher, which would take no call from one.
    """
    made = Policies(stack, f"policy-{name}", namespace=namespace)
    made.deny_all()
    made.resolve_names()
    ingress = [rule([pods(), hub_pods("singleuser-server", config.hub.namespace)])]
    if settings.public_cidrs:
        # A process without a port on its node is found by none of these.
        ingress.append(rule([outside(cidr) for cidr in settings.public_cidrs]))
    made.allow("process", None, ingress=ingress, egress=[rule([pods()]), rule([internet()], ports(80, 443))])
    return made.resources

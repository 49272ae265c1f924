"""Who talks to whom in the gateway's namespace. Clusters of two users are kept apart by TLS, each with keys of its own."""

from __future__ import annotations

from typing import Any

from modules.cdk import Stack
from modules.config.models import HubConfig
from modules.k8s.dask import doors, refs
from modules.k8s.network import internet, outside, pods, ports, rule
from modules.k8s.policies import Policies

_TRAEFIK, _GATEWAY, _CONTROLLER, _SCHEDULER, _WORKER = (
    refs.labels(component) for component in ("traefik", "gateway", "controller", "dask-scheduler", "dask-worker")
)


def gateway_policies(stack: Stack, config: HubConfig, *, namespace: str) -> Policies:
    """The policies of the namespace. No rule reaches metadata, and users' code reaches nothing private but its own cluster."""
    policies = Policies(stack, "dask-policy", namespace=namespace)
    policies.deny_all()
    policies.resolve_names()
    _servers(policies, config.hub.namespace)
    _clusters(policies, config)
    return policies


def _servers(policies: Policies, hub_namespace: str) -> None:
    api = rule([outside()], ports(443))
    policies.allow(
        "traefik",
        _TRAEFIK,
        ingress=[rule(doors.callers(hub_namespace), ports(refs.WEB_PORT))],
        egress=[
            api,
            rule([pods(_GATEWAY)], ports(refs.API_PORT)),
            rule([pods(_SCHEDULER)], ports(refs.COMM_PORT, refs.DASHBOARD_PORT)),
        ],
    )
    policies.allow(
        "gateway",
        _GATEWAY,
        ingress=[rule([pods(_TRAEFIK), pods(_SCHEDULER)], ports(refs.API_PORT))],
        egress=[
            api,
            rule([pods(doors.HUB, namespace=hub_namespace)], ports(doors.HUB_PORT)),
            rule([pods(_SCHEDULER)], ports(refs.CONTROL_PORT)),
        ],
    )
    policies.allow("controller", _CONTROLLER, egress=[api])


def _clusters(policies: Policies, config: HubConfig) -> None:
    policies.allow(
        "scheduler",
        _SCHEDULER,
        ingress=[
            rule([pods(_TRAEFIK)], ports(refs.COMM_PORT, refs.DASHBOARD_PORT)),
            rule([pods(_GATEWAY)], ports(refs.CONTROL_PORT)),
            rule([pods(_WORKER)], ports(refs.COMM_PORT)),
        ],
        # Workers listen on whichever port is free.
        egress=[rule([pods(_WORKER)]), rule([pods(_GATEWAY)], ports(refs.API_PORT)), *_world(config)],
    )
    policies.allow(
        "worker",
        _WORKER,
        ingress=[rule([pods(_SCHEDULER), pods(_WORKER)])],
        egress=[rule([pods(_SCHEDULER)], ports(refs.COMM_PORT)), rule([pods(_WORKER)]), *_world(config)],
    )


def _world(config: HubConfig) -> list[dict[str, Any]]:
    """The internet, and AWS's interface endpoints, which have private addresses."""
    found = [rule([internet()], ports(80, 443))]
    if config.network.endpoints.interface:
        found.append(rule([outside(config.network.cidr)], ports(443)))
    return found

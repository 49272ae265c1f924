"""Who talks to whom in a namespace of Ray clusters. Whoever reaches a head can run code there, so hardly anybody does."""

from __future__ import annotations

from typing import Any

from modules.cdk import Stack
from modules.common import ray as refs
from modules.common import vault as vault_refs
from modules.config.models import HubConfig
from modules.k8s.network import internet, outside, pods, ports, rule
from modules.k8s.policies import Policies
from modules.k8s.ray.notebooks import notebooks


def ray_policies(stack: Stack, config: HubConfig, id: str, *, clusters: list[str], namespace: str) -> list[Any]:
    """The policies of one namespace; gives the resources. id: what their ids begin with. clusters: those in it.

    Notebooks reach heads at the client port. The pods of one cluster reach each other at any port: they run one another's code. Two
    clusters, the dashboard, metadata and everything private are out of reach. `kubectl port-forward` needs no policy.
    """
    policies = Policies(stack, id, namespace=namespace)
    policies.deny_all()
    policies.resolve_names()
    for key in clusters:
        each = pods(refs.labels(key))
        policies.allow(
            f"{key}-head",
            refs.labels(key, "head"),
            ingress=[rule([notebooks(config.hub.namespace)], ports(refs.CLIENT_PORT)), rule([each])],
            egress=[rule([each]), *_api(config, key), *_world(config)],
        )
        policies.allow(
            f"{key}-worker",
            refs.labels(key, "worker"),
            ingress=[rule([each])],
            egress=[rule([each]), *_world(config)],
        )
    return policies.resources


def operator_policies(stack: Stack, *, namespace: str) -> list[Any]:
    """Those of the operator's namespace; gives the resources. It talks to the API server alone."""
    policies = Policies(stack, "operator-policy", namespace=namespace)
    policies.deny_all()
    policies.resolve_names()
    policies.allow("operator", None, egress=[rule([outside()], ports(443))])
    return policies.resources


def _api(config: HubConfig, key: str) -> list[dict[str, Any]]:
    """The autoscaler beside a head asks the API server for workers; its address is a private one of the VPC."""
    return [rule([outside()], ports(443))] if config.ray[key].kind == "kuberay" else []


def _world(config: HubConfig) -> list[dict[str, Any]]:
    """The internet, AWS's interface endpoints, which have private addresses, and Vault where there is one."""
    found = [rule([internet()], ports(80, 443))]
    if config.network.endpoints.interface:
        found.append(rule([outside(config.network.cidr)], ports(443)))
    if config.vault:
        found.append(rule([pods(vault_refs.LABELS, namespace=config.vault.namespace)], ports(vault_refs.PORT)))
    return found

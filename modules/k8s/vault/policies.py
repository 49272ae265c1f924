"""Network policies of Vault's namespace: pods that may ask, members among each other, the API server, AWS. Nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from modules.cdk import Stack
from modules.common import vault as refs
from modules.k8s.network import outside, pods, ports, rule
from modules.k8s.policies import Policies

#: Where the API server calls the injector.
INJECTOR_PORT = 8080


def vault_policies(stack: Stack, *, namespace: str, consumers: Sequence[str], ranges: Sequence[str]) -> list[Any]:
    """The policies; gives the resources. consumers: namespaces whose pods may ask. ranges: CIDRs of the API server's interfaces."""
    made = Policies(stack, "policy", namespace=namespace)
    made.deny_all()
    made.resolve_names()
    members = pods(refs.LABELS)
    # KMS, STS, the cluster's public keys, and the API server, where Vault labels the pod that leads.
    world = rule([outside()], ports(443))
    made.allow(
        "server",
        refs.LABELS,
        ingress=[
            rule([pods(namespace=each) for each in consumers], ports(refs.PORT)),
            rule([members], ports(refs.PORT, refs.CLUSTER_PORT)),
        ],
        egress=[world, rule([members], ports(refs.PORT, refs.CLUSTER_PORT))],
    )
    made.allow(
        "injector",
        refs.INJECTOR_LABELS,
        ingress=[rule([outside(cidr) for cidr in ranges], ports(INJECTOR_PORT))],
        egress=[world],
    )
    return made.resources

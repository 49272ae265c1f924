"""external-dns, chart 1.21.1: the hub's name in Route 53 follows its load balancer."""

from __future__ import annotations

from typing import Any

from modules.config.models import HubConfig
from modules.k8s.charts.parts import on_core, resources, service_account, unprivileged_container, unprivileged_pod

RELEASE = "external-dns"
SERVICE_ACCOUNT = "external-dns"
#: Its notes on ownership stand below the name they are about, so that they never leave the zone, even for a name at the
#: zone's top, and so that its role can be limited to the hub's name and what is below it (modules/iam/external_dns.py).
#: https://kubernetes-sigs.github.io/external-dns/latest/docs/registry/txt/ asks for the record's type and a full stop at the end.
TXT_PREFIX = "hubsmith-%{record_type}."


def wanted(config: HubConfig) -> bool:
    """Whether this env has a name, and a zone we may write to."""
    return config.domain is not None and config.dns is not None and config.dns.manage


def values(config: HubConfig, *, role_arn: str, zone_id: str) -> dict[str, Any]:
    """Values of release `external-dns`. zone_id: of the hosted zone, an engine token or `Z…`.

    Raises ValueError for an env without a zone; ask `wanted` first.
    """
    if config.dns is None:
        raise ValueError(f"{config.env} has no dns zone")
    return {
        "provider": {"name": "aws"},
        "sources": ["service"],
        # Deletes what it made, too: a record that outlives its load balancer points at somebody else's address one day.
        "policy": "sync",
        "registry": "txt",
        # Another deployment in the same zone has another id, and neither touches the other's records.
        "txtOwnerId": config.deployment,
        "txtPrefix": TXT_PREFIX,
        "domainFilters": [config.dns.zone],
        "extraArgs": [f"--aws-zone-type={'private' if config.dns.private else 'public'}", f"--zone-id-filter={zone_id}"],
        "interval": "1m",
        # A Service that was made again is followed within seconds, not at the next round.
        "triggerLoopOnEvent": True,
        "serviceAccount": service_account(SERVICE_ACCOUNT, role_arn),
        **on_core(config),
        "resources": resources("50m", "64Mi", "128Mi"),
        "podSecurityContext": unprivileged_pod(),
        "securityContext": unprivileged_container(),
    }

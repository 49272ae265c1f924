"""Load balancers that a stack's Services had: whether the cluster's controller took them down once the Services were gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import boto3

from modules.config.models import HubConfig
from modules.ops.adopt.in_cluster import import_id_of
from modules.ops.aws_clients import Clients
from modules.ops.failures.aws import doing
from modules.ops.sweep import Remaining, balancers_of

#: The controller removes listeners, targets and groups first; two minutes are usual.
_SECONDS = 300.0
_PAUSE_SECONDS = 5.0
_KIND = "kubernetes_service_v1"


def services(document: Mapping[str, Any]) -> tuple[str, ...]:
    """`namespace/name` of every Service of one stack that asks for a load balancer."""
    found = []
    for key, body in (document.get("resource") or {}).get(_KIND, {}).items():
        spec = body.get("spec") or {}
        first = spec[0] if isinstance(spec, list) else spec
        name = import_id_of(document, f"{_KIND}.{key}")
        if first.get("type") == "LoadBalancer" and name:
            found.append(name)
    return tuple(found)


def wait_until_gone(
    session: boto3.Session,
    config: HubConfig,
    named: Sequence[str],
    *,
    seconds: float = _SECONDS,
    pause: float = _PAUSE_SECONDS,
    note: Callable[[str], None] = lambda text: None,
) -> tuple[Remaining, ...]:
    """What is left of the load balancers of the Services `named`, after up to `seconds`; () when there is nothing to wait for.

    Raises HubError when AWS does not let us look.
    """
    if not named:
        return ()
    clients, deadline = Clients(session, config.region), time.monotonic() + seconds
    with doing(f"look for the load balancers of {', '.join(named)}"):
        while left := tuple(balancers_of(clients, config.cluster_name, named)):
            if time.monotonic() > deadline:
                break
            note(f"waiting for the load balancer {', '.join(left)} to go")
            time.sleep(pause)
    why = "its Service is gone, and the cluster's controller did not remove it; ./cleanup.sh of the whole env sweeps it"
    return tuple(Remaining("load balancer", name, why) for name in left)

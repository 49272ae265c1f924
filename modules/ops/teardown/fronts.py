"""Services and Ingresses that somebody made by hand: their load balancers are in nobody's state, and would keep the VPC."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import boto3

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops import balancers
from modules.ops.sleep.patience import Patience
from modules.ops.teardown.finalizers import owner_of
from modules.ops.teardown.ground import Ground
from modules.ops.teardown.workloads import Api

CONTROLLER = "aws-load-balancer-controller"
#: A load balancer is gone within two minutes where nothing is wrong.
PATIENCE = Patience(seconds=600.0, pause=5.0)
_KINDS = (("Service", "/api/v1", "services"), ("Ingress", "/apis/networking.k8s.io/v1", "ingresses"))


@dataclass(frozen=True)
class Front:
    """One of them. is_going: it was asked to go."""

    kind: str
    namespace: str
    name: str
    path: str
    finalizers: tuple[str, ...] = ()
    is_going: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"

    @property
    def why(self) -> str:
        """Why it is still there."""
        waits = [f"{owner_of(each).who} has not taken off {each}" for each in self.finalizers]
        return f"{self} ({', '.join(waits) or 'asked to go'})"


def fronts(api: Api, ground: Ground) -> tuple[Front, ...]:
    """Those that go and are not Terraform's. Raises HubError when the cluster refuses."""
    return tuple(
        _front(kind, root, plural, each["metadata"])
        for kind, root, plural in _KINDS
        for each in api.items(f"{root}/{plural}", f"the {plural}")
        if ground.holds(each["metadata"]["namespace"]) and not ground.owns(each) and _has_balancer(kind, each)
    )


def _has_balancer(kind: str, document: dict[str, Any]) -> bool:
    # One whose type was changed keeps its finalizer until the load balancer is gone.
    waits = any(owner_of(each).who == CONTROLLER for each in document["metadata"].get("finalizers") or ())
    return kind == "Ingress" or waits or (document.get("spec") or {}).get("type") == "LoadBalancer"


def _front(kind: str, root: str, plural: str, meta: dict[str, Any]) -> Front:
    path = f"{root}/namespaces/{meta['namespace']}/{plural}/{meta['name']}"
    return Front(kind, meta["namespace"], meta["name"], path, tuple(meta.get("finalizers") or ()), bool(meta.get("deletionTimestamp")))


def take_down(
    api: Api, session: boto3.Session, config: HubConfig, ground: Ground, note: Callable[[str], None], patience: Patience = PATIENCE
) -> tuple[Front, ...]:
    """Delete them and wait until object and load balancer are gone; what was there.

    Raises HubError with names and reasons when time is up. Without the controller nobody waits: the sweep takes its load balancers.
    """
    found = fronts(api, ground)
    for each in found:
        if not each.is_going:
            api.ask("DELETE", each.path, f"delete the {each}")
    if not found:
        return ()
    if not ground.has_controller(CONTROLLER):
        note(f"{CONTROLLER} is gone already: the sweep removes the load balancers of {', '.join(map(str, found))}")
        return found
    fix = "kubectl describe says what AWS answered; then run the same command again"
    patience.until_nothing(lambda: ", ".join(each.why for each in fronts(api, ground)), note, fix=fix)
    named = [f"{each.namespace}/{each.name}" for each in found if each.kind == "Service"]
    left = balancers.wait_until_gone(session, config, named, seconds=patience.seconds, pause=patience.pause, note=note)
    if left:
        raise HubError("; ".join(str(replace(each, why="its Service is gone, and it is still there")) for each in left), fix=fix)
    return found

"""Processes put together from lists of objects: one list of each kind, however many processes there are."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from modules.launcher.models import ProcessInfo, SocketAddress, Status
from modules.launcher.runtime import addresses, labels, states
from modules.launcher.runtime.addresses import Nodes
from modules.launcher.runtime.states import State

Thing = Mapping[str, Any]
_log = logging.getLogger(__name__)


@dataclass
class Parts:
    """The objects that carry one process' label, in one namespace."""

    deployment: Thing | None = None
    service: Thing | None = None
    pods: list[Thing] = field(default_factory=list)

    @property
    def first(self) -> Thing:
        """The object to read the process' own facts from; the Service first, as in Hydroplane."""
        found = self.service or self.deployment
        return found if found is not None else {}


def assemble(deployments: Iterable[Thing], services: Iterable[Thing], pods: Iterable[Thing]) -> dict[tuple[str, str], Parts]:
    """Parts by (namespace, name). A pod alone is no process: it is about to go, with the Deployment it had."""
    found: defaultdict[tuple[str, str], Parts] = defaultdict(Parts)
    for each in deployments:
        found[_key(each)].deployment = each
    for each in services:
        found[_key(each)].service = each
    for each in pods:
        if (key := _key(each)) in found:
            found[key].pods.append(each)
    return {key: parts for key, parts in found.items() if key[1]}


def describe(name: str, parts: Parts, nodes: Nodes | None) -> ProcessInfo:
    """One process. nodes: None when they could not be listed. Never raises: one odd object must not hide all other processes."""
    state, reached = State(Status.FAILED, "what Kubernetes says of it cannot be read"), list[SocketAddress]()
    try:
        state, reached = _reach(parts, nodes)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        _log.warning("process %s cannot be read: %s", name, error)
    return ProcessInfo(
        process_name=name,
        group=labels.label(parts.first, labels.GROUP),
        socket_addresses=reached,
        created=labels.created(parts.first),
        status=state.status,
        reason=state.reason,
        owner=labels.annotation(parts.first, labels.OWNER),
        expires=labels.moment(labels.annotation(parts.first, labels.EXPIRES)),
    )


def _reach(parts: Parts, nodes: Nodes | None) -> tuple[State, list[SocketAddress]]:
    if parts.deployment is None:
        return State(Status.FAILED, "its Deployment is gone; stopping the process removes the rest"), []
    pod = states.newest(parts.pods)
    state = states.state(parts.deployment, pod)
    if state.status is not Status.RUNNING or pod is None:
        return state, []
    if parts.service is None:
        return (State(Status.UNREACHABLE, "its Service is gone; start the process again") if _has_ports(parts.deployment) else state), []
    if not addresses.is_public(parts.service):
        return state, addresses.addresses(parts.service, "")
    if nodes is None:
        return State(Status.UNREACHABLE, "the nodes cannot be listed, so its address is not known"), []
    external = nodes.external(pod)
    if not external:
        where = (pod.get("spec") or {}).get("nodeName") or "its node"
        return State(Status.UNREACHABLE, f"the node {where} has no external address"), []
    return state, addresses.addresses(parts.service, external)


def _has_ports(deployment: Thing) -> bool:
    containers = deployment["spec"]["template"]["spec"]["containers"]
    return bool(containers[0].get("ports"))


def _key(thing: Thing) -> tuple[str, str]:
    return str(labels.metadata(thing).get("namespace") or ""), labels.label(thing, labels.PROCESS) or ""

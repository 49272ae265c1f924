"""Ports of the nodes: one Service each, and which one a Service gets that asks for none."""

from __future__ import annotations

from typing import Any

from modules.rehearsal.cluster.world import Key, Manifest, World, key_of
from modules.rehearsal.standin.backend import Problem, Refused
from modules.rehearsal.standin.wire import UNKNOWN
from modules.rehearsal.verdicts.services import NODE_PORTS, protocol_of

Values = dict[str, Any]


def need_free(world: World, manifest: Manifest) -> None:
    """Raises Refused, in the API's words, when a Service asks for a node port that another has for the same protocol."""
    if manifest["kind"] != "Service":
        return
    held = taken(world, besides=key_of(manifest))
    for index, port in enumerate(manifest["spec"].get("ports") or ()):
        owner = held.get((protocol_of(port), port.get("nodePort") or 0))
        if owner is not None:
            name, number, protocol = manifest["metadata"]["name"], port["nodePort"], protocol_of(port)
            said = f'Service "{name}" is invalid: spec.ports[{index}].nodePort: Invalid value: {number}: provided port is already allocated'
            raise Refused(Problem(said, f"{owner} has it for {protocol}"))


def taken(world: World, besides: Key) -> dict[tuple[str, int], Key]:
    """(protocol, port) to the Service that has it."""
    services = ((key, held.manifest["spec"].get("ports") or ()) for key, held in world.of_kind("Service") if key != besides)
    return {(protocol_of(port), port["nodePort"]): key for key, ports in services for port in ports if port.get("nodePort")}


def given(world: World, key: Key, spec: Values, seed: int) -> list[Values]:
    """The ports of a Terraform block `spec`, with a number where the API server chooses; none inside the cluster alone.

    seed: where to begin looking. One number of the Service has one node port for both protocols, as the API server does it.
    """
    ports, chosen = spec.get("port") or [], dict[Any, int]()
    if spec.get("type", "ClusterIP") not in ("NodePort", "LoadBalancer"):
        return [{**port, "node_port": 0} if port.get("node_port") is UNKNOWN else port for port in ports]
    free = _free({number for _, number in taken(world, besides=key)} | {port.get("node_port") for port in ports}, seed)
    made = []
    for port in ports:
        if port.get("node_port") is UNKNOWN:
            number = chosen.get(port.get("port")) or next(free)
            chosen[port.get("port")] = number
            port = {**port, "node_port": number}
        made.append(port)
    return made


def _free(used: set[Any], seed: int) -> Any:
    return (number for step in range(len(NODE_PORTS)) if (number := NODE_PORTS[(seed + step) % len(NODE_PORTS)]) not in used)

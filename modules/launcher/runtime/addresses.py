"""Where the ports of a process answer: on the address of the one node that runs it, or on its Service's within the cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from modules.launcher.models import SocketAddress

Thing = Mapping[str, Any]


class Nodes:
    """External addresses of nodes, by name and by internal address. A node that has none, or no name, is merely not found."""

    def __init__(self, nodes: Iterable[Thing]) -> None:
        self._external: dict[str, str] = {}
        for node in nodes:
            listed = [each for each in (node.get("status") or {}).get("addresses") or () if isinstance(each, Mapping)]
            external = next((str(each["address"]) for each in listed if each.get("type") == "ExternalIP" and each.get("address")), "")
            inside = [str(each.get("address")) for each in listed if each.get("type") == "InternalIP"]
            for key in filter(None, [(node.get("metadata") or {}).get("name"), *inside]):
                self._external[key] = external

    def external(self, pod: Thing) -> str:
        """The external address of the node that a pod runs on; "" when there is none."""
        name, host = (pod.get("spec") or {}).get("nodeName"), (pod.get("status") or {}).get("hostIP")
        return self._external.get(name or "") or self._external.get(host or "") or ""


def is_public(service: Thing) -> bool:
    """Whether the Service opens ports of nodes."""
    return (service.get("spec") or {}).get("type") == "NodePort"


def addresses(service: Thing, node: str) -> list[SocketAddress]:
    """An address for each port of the Service. node: the external address of the process' node."""
    spec = service.get("spec") or {}
    if is_public(service):
        return [SocketAddress(host=node, port=each["nodePort"], is_public=True) for each in spec["ports"]]
    return [SocketAddress(host=spec["clusterIP"], port=each["port"], is_public=False) for each in spec["ports"]]

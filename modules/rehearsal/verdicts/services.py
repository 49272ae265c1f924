"""What an API server says to a Service beyond its schema: types, ports, node ports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from modules.rehearsal.verdicts.fields import Manifest, Path

Found = Iterator[tuple[Path, str]]

#: https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
NODE_PORTS = range(30000, 32768)
_TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
#: The types that answer outside the cluster; what is about that may stand with no other.
_OUTSIDE = ("NodePort", "LoadBalancer")


def check_service(manifest: Manifest) -> Found:
    """(path, sentence) for each mistake in a Service; nothing for another kind."""
    if manifest["kind"] != "Service":
        return
    spec = manifest.get("spec") or {}
    kind, ports = spec.get("type", "ClusterIP"), spec.get("ports") or []
    if kind not in _TYPES:
        yield ("spec", "type"), f"{kind} is none of {', '.join(_TYPES)}"
    if not ports and kind != "ExternalName" and spec.get("clusterIP") != "None":
        yield ("spec", "ports"), "a Service needs a port"
    if kind not in _OUTSIDE and spec.get("externalTrafficPolicy"):
        yield ("spec", "externalTrafficPolicy"), f"may not be set on a Service of type {kind}"
    for index, port in enumerate(ports):
        if len(ports) > 1 and not port.get("name"):
            yield ("spec", "ports", index, "name"), "is needed where a Service has several ports"
        yield from _node_port(("spec", "ports", index, "nodePort"), port.get("nodePort"), kind)
    yield from _twice(ports)


def protocol_of(port: dict[str, Any]) -> str:
    """TCP, unless a port says otherwise."""
    return str(port.get("protocol") or "TCP")


def _node_port(path: Path, number: int | None, kind: str) -> Found:
    if not number:
        return
    if kind not in _OUTSIDE:
        yield path, f"may not be set on a Service of type {kind}"
    if number not in NODE_PORTS:
        yield path, f"{number} is not in {NODE_PORTS.start}-{NODE_PORTS.stop - 1}"


def _twice(ports: list[dict[str, Any]]) -> Found:
    """One number for TCP and UDP is fine; the same number twice for one of them is not."""
    for field in ("name", "port", "nodePort"):
        told = [(each[field], "" if field == "name" else protocol_of(each)) for each in ports if each.get(field)]
        for (value, protocol), times in Counter(told).items():
            if times > 1:
                yield ("spec", "ports"), f"{times} ports have the {field} {value}{f' for {protocol}' if protocol else ''}"

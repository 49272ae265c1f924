"""A synthesised stack as the stand-in cluster would be asked for it, without Terraform: references resolved, blocks as lists."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from typing import Any

from modules.aspects.document import Body
from modules.rehearsal.cluster.backend import ClusterBackend
from modules.rehearsal.cluster.manifests import KINDS, Manifest, manifest_of
from modules.rehearsal.cluster.world import World
from modules.rehearsal.cluster.worlds import Worlds
from modules.rehearsal.standin.backend import Values
from modules.rehearsal.standin.catalogue import load
from modules.rehearsal.standin.wire import UNKNOWN
from modules.rehearsal.verdicts.charts import render
from modules.rehearsal.verdicts.given import chart_of
from modules.rehearsal.verdicts.judge import Judge
from modules.rehearsal.verdicts.schemas import Schemas
from tests._support.graph import Graph

Document = dict[str, Any]

_HELM = "helm_release"
_HOST = "https://synthesised.example"
_REFERENCE = re.compile(r"\$\{([a-z0-9_]+)\.([\w-]+)\.([\w.\[\]-]+)\}")
#: What an expression that only Terraform can work out stands for inside a text.
_PLACEHOLDER = "worked-out-later"
_BALANCERS = {"name": "balancers", "namespace": "kube-system", "chart": "aws-load-balancer-controller", "version": "1.0.0", "values": []}
_TERRAFORMS_OWN = ("depends_on", "lifecycle", "provider", "//")


def planned(document: Document) -> dict[str, tuple[str, Values]]:
    """Address to (resource type, values) of what stands in the cluster, in an order that Terraform could make it in."""
    graph = Graph(document)
    before = {address: graph.after(address) for address in graph.bodies}
    bodies = [graph.bodies[address] for address in TopologicalSorter(before).static_order()]
    wanted = [body for body in bodies if body.type in KINDS or _is_local(body)]
    return {body.address: (body.type, _values(document, body.type, body.values)) for body in wanted}


def manifests(document: Document) -> dict[str, Manifest]:
    """Address to manifest of what stands in the cluster; what a chart of ours makes is "<address of the release>.<kind>.<name>"."""
    found: dict[str, Manifest] = {}
    for address, (kind, values) in planned(document).items():
        if kind in KINDS:
            found[address] = manifest_of(kind, values)
        else:
            made = render(chart_of(values), values["name"], values["namespace"]).manifests
            assert made, f"{address}: needs helm (tests/_support/helm.py finds one)"
            found |= {f"{address}.{each['kind'].lower()}.{each['metadata']['name']}": each for each in made}
    return found


def applied(document: Document) -> World:
    """An in-memory cluster in which everything of the stack was made, each thing judged. Raises Refused with the first that may not be."""
    worlds = Worlds()
    # Nothing here needs the schemas of other projects: charts are not made.
    backend = ClusterBackend(worlds, judge=Judge(Schemas(())), patience=0)
    backend.configure("kubernetes", {"host": _HOST})
    # The stack below brings it; a Service that asks for a load balancer waits for it in vain otherwise.
    backend.create("helm_release", _BALANCERS, _BALANCERS)
    for kind, values in planned(document).values():
        backend.create(kind, values, values)
    return worlds.at(_HOST)


def _is_local(body: Body) -> bool:
    """A release of a chart of ours; what others' charts make, nobody sees here."""
    return body.type == _HELM and str(body.values["chart"]).startswith(".")


def _values(document: Document, kind: str, given: Values) -> Values:
    own = {name: value for name, value in given.items() if name not in _TERRAFORMS_OWN}
    made: Values = _shaped(_resolved(document, own), load(kind.partition("_")[0])["resources"][kind])
    if kind == _HELM:
        return {"version": UNKNOWN, **made}
    return {"id": UNKNOWN, **made}


def _shaped(values: Values, block: dict[str, Any]) -> Values:
    """Blocks as lists of blocks, as Terraform has them in memory; a stack may write a single one as an object."""
    made = {name: _told(value) if isinstance(value, dict) else value for name, value in values.items()}
    for name, inner in block["block_types"].items():
        if name in values:
            many = values[name] if isinstance(values[name], list) else [values[name]]
            made[name] = [_shaped(each, inner["block"]) for each in many]
    return made


def _told(value: dict[str, Any]) -> dict[str, Any]:
    """A map of texts, such as annotations: each is there, whatever it will say."""
    return {name: _PLACEHOLDER if each is UNKNOWN else each for name, each in value.items()}


def _resolved(document: Document, value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _resolved(document, each) for name, each in value.items()}
    if isinstance(value, list):
        return [_resolved(document, each) for each in value]
    if not isinstance(value, str) or "${" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        return _looked_up(document, whole)
    return re.sub(r"\$\{[^}]*\}", _PLACEHOLDER, _REFERENCE.sub(lambda found: _text(_looked_up(document, found)), value))


def _looked_up(document: Document, found: re.Match[str]) -> Any:
    """What a resource of the same stack says; UNKNOWN for what only its provider will."""
    value = document.get("resource", {}).get(found[1], {}).get(found[2], UNKNOWN)
    for part in re.findall(r"[\w-]+", found[3]):
        if part.isdigit() and isinstance(value, dict):
            continue
        value = value.get(part, UNKNOWN) if isinstance(value, dict) else UNKNOWN
    return _resolved(document, value)


def _text(value: Any) -> str:
    return _PLACEHOLDER if value is UNKNOWN else str(value)
